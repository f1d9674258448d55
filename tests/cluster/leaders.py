"""Moving leaders: Kafka is asked to give each partition back to the first of its copies."""

from collections import Counter
from collections.abc import Collection
from typing import Any

from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Int8, Int16, Int32, Schema, String

from services.platform.kafka import administration
from services.platform.settings import Settings

_PREFERRED = 0
_NOT_NEEDED = 84


class _Answer(Response):  # type: ignore[misc]
    API_KEY = 43
    API_VERSION = 1
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("error_code", Int16),
        (
            "results",
            Array(
                ("topic", String("utf-8")),
                (
                    "partitions",
                    Array(("partition", Int32), ("error_code", Int16), ("message", String("utf-8"))),
                ),
            ),
        ),
    )


class _Struct(RequestStruct):  # type: ignore[misc]
    API_KEY = 43
    API_VERSION = 1
    RESPONSE_TYPE = _Answer
    SCHEMA = Schema(
        ("election_type", Int8),
        ("topics", Array(("topic", String("utf-8")), ("partitions", Array(Int32)))),
        ("timeout_ms", Int32),
    )


class _ElectLeaders(Request[_Struct]):  # type: ignore[misc]
    API_KEY = 43

    def __init__(self, topics: list[tuple[str, list[int]]]) -> None:
        self._topics = topics

    def build(self, request_struct_class: type[_Struct]) -> _Struct:
        return request_struct_class(_PREFERRED, self._topics, 10_000)


async def partitions_of(settings: Settings, topics: Collection[str]) -> list[dict[str, Any]]:
    """What Kafka says of each partition: its leader, its copies, and those of them that keep up."""
    async with administration(settings) as admin:
        return [
            {"topic": found["topic"], **partition}
            for found in await admin.describe_topics(list(topics))
            for partition in found["partitions"]
        ]


async def move_leaders(settings: Settings, topics: Collection[str]) -> int:
    """Have each partition led by its first copy again; return how many leaders that moved."""
    wanted: dict[str, list[int]] = {}
    for partition in await partitions_of(settings, topics):
        wanted.setdefault(partition["topic"], []).append(partition["partition"])
    async with administration(settings) as admin:
        answer = await admin._send_request(_ElectLeaders(list(wanted.items())))
    codes = Counter(code for _, partitions in answer.results for _, code, _ in partitions)
    assert codes.keys() <= {0, _NOT_NEEDED}, codes
    return codes[0]
