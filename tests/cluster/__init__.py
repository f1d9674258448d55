"""What holds on three Kafka processes and a PostgreSQL with a replica when one of them is lost."""
