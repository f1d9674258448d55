"""One file a revision, in order, each named as a sentence."""
