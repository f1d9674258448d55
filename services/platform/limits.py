"""What one caller may ask of a process, in one place, each with its reason.

Whoever has a key may be careless, or have lost it: what is asked for beyond these is refused in a sentence
before it costs the others anything. Sizes are in bytes, times in seconds. What depends on a deployment can be
set (``settings.py``).
"""

# Connections. An upstream needs one or two; those who only hold them open take nothing away from it.
CONNECTIONS = 500
"""Open connections at a time; the next one is answered 503 at once."""
HEAD_SECONDS = 10.0
"""From a request's first byte, or from the start of a connection, until the request's head is complete."""
IDLE_SECONDS = 30.0
"""Between two requests of a connection."""
SILENCE_SECONDS = 20.0
"""Between two pieces of a body: a network that is worse than that does not carry it at all."""
BODY_SECONDS = 60.0
BODY_PACE = 16 * 1024
"""A body has a minute, and a second more for each 16 KiB of it: the slowest line of a village office."""

# Requests of one source. One beyond waits a while, and is then told 429.
REQUESTS_OF_A_SOURCE = 16
"""With events, at a time: each may hold a body in memory."""
UPLOADS_OF_A_SOURCE = 4
"""Files at a time: each may hold one on the disk."""
WAITING_SECONDS = 60.0
BURST_SECONDS = 60.0
"""So many seconds of its rate a source that was silent may hand over at once, where it has a rate."""

# Events.
BODY_BYTES = 16 * 1024 * 1024
EVENT_BYTES = 1024 * 1024
"""A fact is small; a larger one would not fit into a message after sealing."""
EVENT_VALUES = 10_000
"""Commas of an event: the longest fact of the contract has 500 items of some ten fields."""
BATCH_ITEMS = 10_000
"""Events in one request; more belong in a file."""
PARSED_AT_ONCE = 1024 * 1024
"""A longer array of events is taken apart by a reader: the loop would stand still meanwhile."""
READ_AT_ONCE = 64 * 1024
"""Bytes of events that are read before the others have their turn: some milliseconds."""
FACTS_AT_ONCE = 100
"""Facts that are prepared, or sealed, before the others have their turn: as long."""
FAULTS_OF_A_FACT = 20
"""Faults reported for one fact."""
FAULTS_OF_AN_ANSWER = 20_000
"""Beyond this, each item of an answer names only its first fault."""

# Files, and the processes that read them.
FILE_BYTES = 256 * 1024 * 1024
ROWS = 1_048_576
"""As many as a worksheet has, of every kind of file."""
COLUMNS = 200
"""Those behind them are not read; the widest form has 30."""
CELL = 32_767
"""Characters of a cell: as many as Excel keeps."""
LINE = 1024 * 1024
"""Characters of a line of csv, or of a record whose cells have line breaks: a table has no longer ones."""
ROWS_OF_A_FACT = 1_000
"""The longest list of the contract has 500 items, some of them with a list of their own."""
WRONG_ROWS = 10_000
"""With this many rejected rows it is probably the wrong file: the rest is not read."""
READERS = 8
"""Files read at a time in one process, whoever sent them; others wait."""
READER_MEMORY = 1024**3
"""Address space of a reader. A workbook of 100,000 payments needs a quarter of it."""
READER_SECONDS = 600
"""CPU of a reader. A worksheet that is full to its last row takes a quarter of it."""
READER_SILENCE_SECONDS = 900.0
"""Until a reader says something: rows that belong together are read to the file's end before the first."""
CHUNK_BYTES = 8 * 1024 * 1024
"""Of what a reader hands over at a time."""

# What is kept of what was said. In an answer, and in the database.
LOG_BYTES = 16 * 1024**2
"""Of a log file; the one before it is kept as ``.1``."""
LOG_AGAIN_SECONDS = 600.0
"""After which an unchanged message is logged again."""
REMARKS = 1_000
"""A receipt names so many refusals, so many set-asides and so many warnings: a bank whose cards have other
check digits would be told of each of them."""
