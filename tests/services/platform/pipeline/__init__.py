"""The pipeline on real servers: one contract, two transports; the outbox; reading the log."""
