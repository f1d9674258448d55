"""Who is who: corrections, mergers, divisions, moves: takes facts from upstream onto the log."""
