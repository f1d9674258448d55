"""The hotline: duty, calls, answers, samples: takes facts from upstream onto the log."""
