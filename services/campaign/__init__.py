"""The campaign: tasks, problems, visits, reports: takes facts from upstream onto the log."""
