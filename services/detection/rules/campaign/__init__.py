"""Rules about the campaign, one file each."""
