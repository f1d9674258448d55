"""``dibao bench``: how fast each stage is, measured on a stack of its own that is deleted afterwards."""
