"""The command line, on a whole deployment."""
