"""The closer: says that a day is over, and up to where the log had come by then."""
