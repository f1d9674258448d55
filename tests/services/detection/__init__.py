"""Detection, by example and by property, without Kafka."""
