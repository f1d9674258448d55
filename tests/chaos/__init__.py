"""Processes and servers are killed while facts flow; nothing acknowledged is lost, doubled or misjudged."""
