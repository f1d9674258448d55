"""What the log means: one module per read model."""
