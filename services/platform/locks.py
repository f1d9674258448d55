"""The numbers of PostgreSQL's advisory locks, in one table, so that no two things take one for another.

The relay's, one a subject of an outbox, and detection's, one a subject, are hashes of names.
"""

from typing import Final

TABLES: Final = 0x6469_6261_6F01
"""Whoever makes the tables of ``platform``."""

DETECTION_SWAP: Final = 0x6469_6261_6F10
"""Shared by every live transaction of detection, alone for the swap of a generation."""
DETECTION_CREATE: Final = 0x6469_6261_6F11
"""Whoever makes a generation of detection."""
DETECTION_REBUILD: Final = 0x6469_6261_6F12
"""The session that rebuilds detection."""
DETECTION_FLIGHT: Final = 0x6469_6261
"""The first of two numbers: transactions of detection that take facts in. The second is a place."""
DETECTION_POLICY: Final = 0x6469_6261_6F13
"""A transaction of detection in which values of policy begin or cease to hold: one at a time."""
DETECTION_BACKTEST: Final = 0x6469_6261_6F14
"""The session that tries rules or policy."""

CALENDAR: Final = 0x6469_6261_6F20
"""Whoever closes days."""

PARTITIONS: Final = 0x6469_6261_6F30
"""The session that adds partitions."""

PROJECTION: Final = 0x6469_6261_6F50
"""Whoever writes the projection, or swaps its generation: one at a time."""
PROJECTION_REBUILD: Final = 0x6469_6261_6F51
"""The session that rebuilds the projection."""

ALERTING: Final = 0x6469_6261_6F60
"""A transaction that decides who is told: one at a time, so that notices are seen in their order."""
