"""The contract: every event dibao knows, its two forms, where it goes and how it is written."""
