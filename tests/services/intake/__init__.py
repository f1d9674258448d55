"""Intake, on a real Kafka and PostgreSQL."""
