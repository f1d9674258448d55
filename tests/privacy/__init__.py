"""Personal data stays out of the log, the tables and the log files: looked for in every spelling."""
