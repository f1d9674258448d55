"""What becomes of a log on the disk, done by hand: a broker loses its power, somebody changes a record."""

from aiokafka.record.util import calc_crc32c

from deploy.local import Stack

_HEADER_BYTES = 12
"""Offset and length: a batch is so much longer than it says."""
_CHECKED_FROM = 21
"""Behind the checksum of a batch."""


def cut(stack: Stack, topic: str, *, batches: int = 0) -> None:
    """Kill Kafka, leave the first batches of every partition of a topic on the disk, and start it again."""
    stack.kill9("kafka")
    folders = list((stack.root / "data" / "kafka" / "log").glob(f"{topic}-*"))
    assert folders
    for folder in folders:
        (segment,) = folder.glob("*.log")
        with segment.open("r+b") as file:
            file.truncate(_end_of(file.read(), batches))
        for index in (*folder.glob("*.index"), *folder.glob("*.timeindex"), *folder.glob("*.snapshot")):
            index.unlink()
    stack.restart("kafka")


def change(stack: Stack, topic: str, old: bytes, new: bytes, *, noticed: bool) -> None:
    """Change bytes of a topic's records on the disk, as many for as many, as Kafka runs and gives them out.

    The checksum of the batch is then right as well, unless it is to be ``noticed``.
    """
    changed = 0
    for segment in (stack.root / "data" / "kafka" / "log").glob(f"{topic}-*/*.log"):
        content, at = bytearray(segment.read_bytes()), 0
        while at + _CHECKED_FROM < len(content):
            end = at + _HEADER_BYTES + int.from_bytes(content[at + 8 : at + _HEADER_BYTES], "big")
            changed += content.count(old, at, end)
            content[at:end] = content[at:end].replace(old, new)
            if not noticed:
                checked = calc_crc32c(bytes(content[at + _CHECKED_FROM : end]))
                content[at + _CHECKED_FROM - 4 : at + _CHECKED_FROM] = checked.to_bytes(4, "big")
            at = end
        with segment.open("r+b") as file:
            file.write(content)
    assert changed == 1


def _end_of(content: bytes, batches: int) -> int:
    at = 0
    for _ in range(batches):
        if at + _HEADER_BYTES >= len(content):
            break
        at += _HEADER_BYTES + int.from_bytes(content[at + 8 : at + _HEADER_BYTES], "big")
    return at
