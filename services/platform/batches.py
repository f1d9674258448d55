"""Reading a topic where the Kafka client gives up: its bytes batch by batch, each record on its own.

aiokafka takes the names of headers for UTF-8. At one that is none it loses the batch and all behind it, for
every upstream, as long as the topic keeps the record. What is read here is read as KIP-98 lays it out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from struct import Struct
from typing import TypeAlias

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.codec import gzip_decode, lz4_decode, snappy_decode, zstd_decode
from aiokafka.errors import (
    CorruptRecordException,
    KafkaError,
    LeaderNotAvailableError,
    UnsupportedCodecError,
    for_code,
)
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.offset import OffsetRequest
from aiokafka.record.util import calc_crc32c

_HEADER = Struct(">qiibIhiqqqhii")
"""Offset, length, leader epoch, magic, CRC, attributes, last offset delta, first and largest timestamp,
producer, its epoch, sequence, number of records."""
_LENGTH_END = 12
_CHECKED_FROM = 21
_MAGIC = 2
_CODECS = {0: bytes, 1: gzip_decode, 2: snappy_decode, 3: lz4_decode, 4: zstd_decode}
_LOG_APPEND_TIME, _TRANSACTIONAL, _CONTROL = 0x08, 0x10, 0x20
_ABORT = b"\x00\x00\x00\x00"
"""The beginning of the key of a control record that ends a transaction which never counted."""
_READ_COMMITTED = 1
_NO_REPLICA, _LATEST = -1, -1
_OFFSET_NOT_AVAILABLE = 78
_WAIT_MS = 500


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Records that nobody can read: where they are. ``last`` is the offset of the last of them."""

    place: TopicPartition
    offset: int
    last: int


Found: TypeAlias = ConsumerRecord | Unreadable


async def fetch_batches(
    client: AIOKafkaClient, leader: int, partition: TopicPartition, position: int, size: int
) -> tuple[list[Found], int]:
    """Return what stands from a position on, as much as one fetch of ``size`` brings, and the next position.

    At least one batch, where there is one, whatever its size. Raises KafkaError where the broker does not
    give it.
    """
    wanted = [(partition.topic, [(partition.partition, position, size)])]
    answer = await client.send(leader, FetchRequest(_WAIT_MS, 1, size, _READ_COMMITTED, wanted))
    ((_, ((_, code, _, *rest),)),) = answer.topics
    error: type[KafkaError] = for_code(code)
    if code:
        raise error(partition)
    aborted = rest[2] if answer.API_VERSION >= 11 else rest[-2]
    return read_batches(bytes(rest[-1] or b""), partition, position, aborted or ())


async def end_of(client: AIOKafkaClient, leader: int, partition: TopicPartition) -> int:
    """Return the next offset to be written, as far as all copies have it.

    Raises KafkaError, a retriable one where a leader does not know yet how far that is (KIP-207).
    """
    wanted = [(partition.topic, [(partition.partition, _LATEST)])]
    answer = await client.send(leader, OffsetRequest(_NO_REPLICA, _READ_COMMITTED, wanted))
    ((_, ((_, code, _, end, *_),)),) = answer.topics
    if code == _OFFSET_NOT_AVAILABLE:
        raise LeaderNotAvailableError(partition)
    error: type[KafkaError] = for_code(code)
    if code:
        raise error(partition)
    return int(end)


def read_batches(
    data: bytes, partition: TopicPartition, position: int, aborted: Sequence[tuple[int, int]] = ()
) -> tuple[list[Found], int]:
    """Return the records of whole batches from a position on, and the position behind them.

    ``aborted``: producer and first offset of transactions that never counted; nothing of them is returned.
    """
    found: list[Found] = []
    waiting, gone = sorted(aborted, key=lambda each: each[1]), set[int]()
    at = 0
    while at + _HEADER.size <= len(data):
        base, length, _, _, _, attributes, delta, _, _, producer, *_ = _HEADER.unpack_from(data, at)
        end = at + _LENGTH_END + length
        if end > len(data) or length < 0:
            break
        batch, at = data[at:end], end
        while waiting and waiting[0][1] <= base:
            gone.add(waiting.pop(0)[0])
        if attributes & _CONTROL:
            if _aborts(batch):
                gone.discard(producer)
        elif not (attributes & _TRANSACTIONAL and producer in gone):
            found += (item for item in _records(batch, partition) if item.offset >= position)
        position = max(position, base + delta + 1)
    return found, position


def _aborts(batch: bytes) -> bool:
    # Length, attributes, deltas and length of the key are one byte each in a control record.
    return batch[_HEADER.size + 5 :].startswith(_ABORT)


def _records(batch: bytes, partition: TopicPartition) -> Iterator[Found]:
    base, _, _, magic, checksum, attributes, delta, first, largest, *_, count = _HEADER.unpack_from(batch)
    whole = Unreadable(partition, base, base + delta)
    if magic != _MAGIC or calc_crc32c(batch[_CHECKED_FROM:]) != checksum:
        yield whole
        return
    try:
        content = bytes(_CODECS[attributes & 0x07](batch[_HEADER.size :]))
    except Exception:  # a codec that is none, or bytes that are none of its
        yield whole
        return
    kept = largest if attributes & _LOG_APPEND_TIME else None
    cursor, before = _Cursor(content), base - 1
    for number in range(count):
        try:
            record = _Cursor(cursor.take(cursor.number()))
        except ValueError:
            # Where the next one begins is not known any more.
            yield Unreadable(partition, base + number, base + delta)
            return
        try:
            found = _record(record, partition, base, first, kept)
        except ValueError:
            yield Unreadable(partition, base + number, base + number)
            continue
        if before < found.offset <= base + delta:
            before = found.offset
            yield found
        else:
            # It says that it stands elsewhere: where it would be taken for one that was read, or never be.
            yield Unreadable(partition, base + number, base + number)


def _record(
    cursor: "_Cursor", partition: TopicPartition, base: int, first: int, kept: int | None
) -> ConsumerRecord:
    cursor.take(1)
    time, offset = first + cursor.number(), base + cursor.number()
    key, value = cursor.value(), cursor.value()
    headers = []
    for _ in range(cursor.number()):
        # No name of ours has anything but ASCII: what another says need not be kept to the byte.
        name = (cursor.value() or b"").decode("utf-8", "replace")
        headers.append((name, cursor.value()))
    return ConsumerRecord(
        partition.topic,
        partition.partition,
        offset,
        time if kept is None else kept,
        0 if kept is None else 1,
        key,
        value,
        None,
        -1 if key is None else len(key),
        -1 if value is None else len(value),
        tuple(headers),
    )


class _Cursor:
    """Reads bytes one thing after the other. Raises ValueError where they end too early."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def take(self, length: int) -> bytes:
        end = self._at + length
        if length < 0 or end > len(self._content):
            raise ValueError("bytes end too early")
        taken, self._at = self._content[self._at : end], end
        return taken

    def number(self) -> int:
        shift = value = 0
        while shift < 70:
            (byte,) = self.take(1)
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return (value >> 1) ^ -(value & 1)
            shift += 7
        raise ValueError("a number of more than 64 bits")

    def value(self) -> bytes | None:
        length = self.number()
        return None if length < 0 else self.take(length)


def gives_up(error: Exception) -> bool:
    """Return whether an error of the client's says that it cannot read what it fetched."""
    if isinstance(error, (CorruptRecordException, UnsupportedCodecError)):
        return True
    return not isinstance(error, (KafkaError, OSError, TimeoutError))
