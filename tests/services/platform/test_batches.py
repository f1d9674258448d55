"""Reading Kafka's bytes record by record: what one record is spoils none beside it."""

import struct

import pytest
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.codec import gzip_encode, lz4_encode, snappy_encode, zstd_encode
from aiokafka.record.util import calc_crc32c

from services.platform.batches import Found, Unreadable, read_batches
from tests.services.intake.kafka_bytes import GZIP, LZ4, SNAPPY, ZSTD, batch, record, varint

PLACE = TopicPartition("intake", 0)
CODECS = {GZIP: gzip_encode, SNAPPY: snappy_encode, LZ4: lz4_encode, ZSTD: zstd_encode}


def at(offset: int, content: bytes, **changed: int) -> bytes:
    """The batch as the broker keeps it: at an offset, and by a producer."""
    attributes, producer = changed.get("attributes"), changed.get("producer")
    head = bytearray(content)
    head[0:8] = struct.pack(">q", offset)
    if attributes is not None:
        head[21:23] = struct.pack(">h", attributes)
    if producer is not None:
        head[43:51] = struct.pack(">q", producer)
    head[17:21] = struct.pack(">I", calc_crc32c(bytes(head[21:])))
    return bytes(head)


def values(found: list[Found]) -> list[bytes | None]:
    """What the records hold that were found; None of one that nobody can read."""
    return [None if isinstance(item, Unreadable) else item.value for item in found]


def test_a_record_is_read_whole() -> None:
    content = batch([record(0, b"v", [(b"a", None), (b"a", b"\xff"), (b"\xff", b"1")], b"\x00k")])
    [found], end = read_batches(at(7, content), PLACE, 7)
    assert isinstance(found, ConsumerRecord)
    assert (found.topic, found.partition, found.offset, end) == ("intake", 0, 7, 8)
    assert (found.key, found.value) == (b"\x00k", b"v")
    assert found.headers == (("a", None), ("a", b"\xff"), ("\ufffd", b"1"))


def test_a_record_that_is_none_spoils_none_beside_it() -> None:
    good, broken = record(0, b"first"), varint(9) + b"\x00\x00\x02" + varint(-1) + varint(4000) + b"abc"
    found, end = read_batches(batch([good, broken, record(2, b"last")]), PLACE, 0)
    assert values(found) == [b"first", None, b"last"]
    assert found[1] == Unreadable(PLACE, 1, 1)
    assert end == 3


def test_behind_a_length_that_is_none_nothing_of_the_batch_is_read_but_the_next_batch_is() -> None:
    broken = batch([record(0, b"first"), b"\xff\xff\x03", record(2, b"lost")])
    found, end = read_batches(broken + at(3, batch([record(0, b"next")])), PLACE, 0)
    assert found[1] == Unreadable(PLACE, 1, 2)
    assert (values(found), end) == ([b"first", None, b"next"], 4)


@pytest.mark.parametrize("codec", CODECS)
def test_every_codec_is_read(codec: int) -> None:
    plain = record(0, b"one") + record(1, b"two")
    content = batch([b"", b""], codec=codec, packed=CODECS[codec](plain))
    found, _ = read_batches(content, PLACE, 0)
    assert values(found) == [b"one", b"two"]


@pytest.mark.parametrize("codec", [*CODECS, 5, 6, 7])
def test_a_batch_that_does_not_unpack_is_named_by_its_place(codec: int) -> None:
    content = batch([b"", b"", b""], codec=codec, packed=b"\x00not packed")
    assert read_batches(at(4, content), PLACE, 4) == ([Unreadable(PLACE, 4, 6)], 7)


def test_a_batch_whose_checksum_is_wrong_is_named_by_its_place() -> None:
    content = bytearray(batch([record(0, b"one")]))
    content[-1] ^= 1
    assert read_batches(bytes(content), PLACE, 0) == ([Unreadable(PLACE, 0, 0)], 1)


def test_what_was_taken_before_and_a_batch_that_is_cut_off_are_not_returned() -> None:
    whole = batch([record(0, b"before"), record(1, b"now")])
    found, end = read_batches(whole + at(2, whole)[:-1], PLACE, 1)
    assert values(found) == [b"now"]
    assert end == 2


def test_nothing_of_a_transaction_that_never_counted_is_returned() -> None:
    def marker(kind: int) -> bytes:
        return batch([record(0, b"\x00" * 6, key=struct.pack(">hh", 0, kind))])

    transactional, control = 0x10, 0x30
    data = b"".join(
        [
            at(0, batch([record(0, b"aborted")]), attributes=transactional, producer=9),
            at(1, batch([record(0, b"of another")]), attributes=transactional, producer=8),
            at(2, marker(0), attributes=control, producer=9),
            at(3, marker(1), attributes=control, producer=8),
            at(4, batch([record(0, b"of the same, later")]), attributes=transactional, producer=9),
            at(5, marker(1), attributes=control, producer=9),
        ]
    )
    found, end = read_batches(data, PLACE, 0, [(9, 0)])
    assert values(found) == [b"of another", b"of the same, later"]
    assert end == 6
