"""The projector on a real PostgreSQL and Kafka."""
