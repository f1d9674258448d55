"""The platform on a Kafka with TLS, SCRAM and permissions."""
