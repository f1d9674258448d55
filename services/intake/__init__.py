"""Intake: from what an upstream hands over to an acknowledged fact on the log, for every context alike."""
