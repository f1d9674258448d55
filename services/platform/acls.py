"""Who may do what in Kafka: a principal a service, one an upstream, each with what it needs and no more."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import Array, Int8, Int16, Int32, Schema, String

from events.catalogue import CONTEXTS, UPSTREAM_CONTEXTS, dead_letter_topic, intake_topic, log_topic
from services.platform.kafka import administer
from services.platform.settings import Settings
from services.platform.topics import journal_topics


class Resource(IntEnum):
    """Kinds of what Kafka guards, by Kafka's own numbers."""

    TOPIC = 2
    GROUP = 3


class Pattern(IntEnum):
    """Whether a name is meant, or all that begin with it."""

    LITERAL = 3
    PREFIXED = 4


class Operation(IntEnum):
    """What is allowed. To read or to write is to describe as well."""

    READ = 3
    WRITE = 4
    DELETE = 6
    DESCRIBE = 8
    DESCRIBE_CONFIGS = 10


_ALLOW = 3


@dataclass(frozen=True, slots=True, order=True)
class Permission:
    """One thing that a principal may do, from any host."""

    principal: str
    resource: Resource
    name: str
    pattern: Pattern
    operation: Operation


def permissions(
    settings: Settings,
    services: Mapping[str, Iterable[str]],
    upstreams: Mapping[str, Iterable[str]] | None = None,
) -> list[Permission]:
    """Return what the principals of services and of upstreams may do.

    ``services``: which services each principal runs; ``upstreams``: on which contexts' intake topics each
    upstream writes. Nobody else reads the log, and nobody but intake, the closer and detection writes it.
    """
    found = {
        Permission(principal, *allowed)
        for principal, names in services.items()
        for name in names
        for allowed in _of_service(settings.topic_prefix, name)
    }
    for principal, contexts in (upstreams or {}).items():
        for context in contexts:
            topic = intake_topic(settings.topic_prefix, context)
            found.add(Permission(principal, Resource.TOPIC, topic, Pattern.LITERAL, Operation.WRITE))
    return sorted(found)


_Allowed = tuple[Resource, str, Pattern, Operation]


def _of_service(prefix: str, name: str) -> Iterator[_Allowed]:
    if name in UPSTREAM_CONTEXTS:
        intake, log, letters = intake_topic(prefix, name), log_topic(prefix, name), dead_letter_topic(prefix)
        # Records that were taken are deleted from the intake topic after some hours.
        yield from _topics([intake], Operation.READ, Operation.DELETE, Operation.DESCRIBE_CONFIGS)
        yield from _topics([log], Operation.READ, Operation.WRITE, Operation.DESCRIBE_CONFIGS)
        yield from _topics([letters], Operation.WRITE, Operation.DESCRIBE_CONFIGS)
        yield Resource.GROUP, intake, Pattern.LITERAL, Operation.READ
    elif name == "closer":
        yield from _topics((log_topic(prefix, context) for context in CONTEXTS), Operation.DESCRIBE)
        yield from _topics([log_topic(prefix, "calendar")], Operation.READ, Operation.WRITE)
    elif name == "journal":
        yield from _topics(journal_topics(prefix), Operation.READ)
    elif name == "detection":
        yield from _topics((log_topic(prefix, context) for context in CONTEXTS), Operation.READ)
        yield from _topics([log_topic(prefix, "anomalies")], Operation.WRITE)
        yield Resource.GROUP, f"{prefix}.detection.", Pattern.PREFIXED, Operation.READ
    elif name == "projector":
        yield from _topics((log_topic(prefix, context) for context in CONTEXTS), Operation.READ)
        yield Resource.GROUP, f"{prefix}.projector.", Pattern.PREFIXED, Operation.READ
    elif name == "alerting":
        yield from _topics([log_topic(prefix, "anomalies")], Operation.READ)
        yield Resource.GROUP, f"{prefix}.alerting.", Pattern.PREFIXED, Operation.READ


def _topics(names: Iterable[str], *operations: Operation) -> Iterator[_Allowed]:
    for name in names:
        for operation in operations:
            yield Resource.TOPIC, name, Pattern.LITERAL, operation


class _CreateAclsResponse(Response):  # type: ignore[misc]
    API_KEY = 30
    API_VERSION = 1
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("results", Array(("error_code", Int16), ("error_message", String("utf-8")))),
    )


class _CreateAclsRequest(RequestStruct):  # type: ignore[misc]
    API_KEY = 30
    API_VERSION = 1
    RESPONSE_TYPE = _CreateAclsResponse
    SCHEMA = Schema(
        (
            "creations",
            Array(
                ("resource_type", Int8),
                ("resource_name", String("utf-8")),
                ("pattern_type", Int8),
                ("principal", String("utf-8")),
                ("host", String("utf-8")),
                ("operation", Int8),
                ("permission_type", Int8),
            ),
        ),
    )


class _CreateAcls(Request[_CreateAclsRequest]):  # type: ignore[misc]
    """Creates ACLs, which aiokafka's admin client does not know; what is there already is no error."""

    API_KEY = 30

    def __init__(self, creations: list[tuple[Any, ...]]) -> None:
        self._creations = creations

    def build(self, request_struct_class: type[_CreateAclsRequest]) -> _CreateAclsRequest:
        return request_struct_class(self._creations)


async def apply(settings: Settings, wanted: Iterable[Permission]) -> int:
    """Give the permissions, as a principal that may alter the cluster; return how many there are.

    Raises KafkaError where Kafka refuses one: SecurityDisabledError where the brokers have no authorizer.
    """
    creations = [
        (each.resource, each.name, each.pattern, f"User:{each.principal}", "*", each.operation, _ALLOW)
        for each in wanted
    ]
    await administer(settings, _CreateAcls(creations), "results")
    return len(creations)
