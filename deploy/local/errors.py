"""What goes wrong with the local stack, in words for the person at the terminal."""


class StackError(Exception):
    """One sentence that says what is wrong and what to do about it; meant to be printed as it is."""
