"""Bad input: a table of what can be wrong, by class, with the exact answer that each gets by every way in.

``inputs`` is the table, a module a class; ``sending`` sends it, ``desk`` is the intake that takes it.
"""
