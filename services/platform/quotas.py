"""How many bytes a second a principal may write to Kafka: the broker slows it where it writes more.

So an upstream on an intake topic takes its share and no more, and holds up nobody's records behind its own.
"""

from collections.abc import Mapping
from typing import Any

from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Boolean, Float64, Int16, Int32, Schema, String

from services.platform.kafka import administer
from services.platform.settings import Settings

_RATE = "producer_byte_rate"
_ENTITY = Array(("entity_type", String("utf-8")), ("entity_name", String("utf-8")))


class _AlterQuotasResponse(Response):  # type: ignore[misc]
    API_KEY = 49
    API_VERSION = 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "entries",
            Array(("error_code", Int16), ("error_message", String("utf-8")), ("entity", _ENTITY)),
        ),
    )


class _AlterQuotasRequest(RequestStruct):  # type: ignore[misc]
    API_KEY = 49
    API_VERSION = 0
    RESPONSE_TYPE = _AlterQuotasResponse
    SCHEMA = Schema(
        (
            "entries",
            Array(
                ("entity", _ENTITY),
                ("ops", Array(("key", String("utf-8")), ("value", Float64), ("remove", Boolean))),
            ),
        ),
        ("validate_only", Boolean),
    )


class _AlterQuotas(Request[_AlterQuotasRequest]):  # type: ignore[misc]
    """Sets quotas, which aiokafka's admin client does not know."""

    API_KEY = 49

    def __init__(self, entries: list[tuple[Any, ...]]) -> None:
        self._entries = entries

    def build(self, request_struct_class: type[_AlterQuotasRequest]) -> _AlterQuotasRequest:
        return request_struct_class(self._entries, False)


async def limit(settings: Settings, rates: Mapping[str, int]) -> None:
    """Say how many bytes a second each principal may write to a broker; 0: as many as it likes.

    As a principal that may alter the cluster. Raises KafkaError where Kafka refuses.
    """
    entries = [
        ([("user", principal)], [(_RATE, float(rate), rate == 0)])
        for principal, rate in sorted(rates.items())
    ]
    await administer(settings, _AlterQuotas(entries), "entries")
