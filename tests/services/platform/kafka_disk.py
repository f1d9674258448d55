"""What a broker that loses its power does to the end of its log, done by hand: it is cut off on the disk."""

from deploy.local import Stack

_HEADER_BYTES = 12
"""Offset and length: a batch is so much longer than it says."""


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


def _end_of(content: bytes, batches: int) -> int:
    at = 0
    for _ in range(batches):
        if at + _HEADER_BYTES >= len(content):
            break
        at += _HEADER_BYTES + int.from_bytes(content[at + 8 : at + _HEADER_BYTES], "big")
    return at
