"""What the log means.

Each noun declares its tables, how an event becomes rows (a pure function), and, in an SQL file beside it, the
questions that can be asked, with ``until`` (business date) and ``as_of`` (recorded by the close of that day).
Ledgers stand in a folder of their own, a noun in two files, and are found there.
"""
