"""Each rule by example: given these facts, then these findings."""
