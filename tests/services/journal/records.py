"""Invented records of a log, and a journal's key."""

from services.journal.entry import Entry
from services.journal.note import Kind, Signer

TOPIC = "dibao.payments"
SIGNER = Signer.of("dibao.journal", Kind.NOTE, bytes(range(32)))


def record(offset: int, topic: str = TOPIC, partition: int = 0) -> Entry:
    """A record of its offset."""
    headers = (("ce_id", f"id-{offset}".encode()), ("content-type", b"application/json"))
    value = None if offset % 11 == 7 else f'{{"amount_fen":{offset}}}'.encode()
    return Entry(
        topic, partition, offset, 1_700_000_000_000 + offset, f"H{offset % 7}".encode(), headers, value
    )


def records(start: int, end: int) -> list[Entry]:
    """Records of offsets from one up to below another."""
    return [record(offset) for offset in range(start, end)]
