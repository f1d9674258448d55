"""Who may need help, and whether those who have it still qualify: takes facts from upstream onto the log."""
