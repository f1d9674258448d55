"""A collector of traces, which takes what OTLP says over HTTP and keeps it."""

import asyncio
import gzip
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from tests.listening import body_of, listening
from tests.ports import free_port


@dataclass(frozen=True)
class Spanned:
    """A span as it came. Ids are hex; ``links`` are ids of spans."""

    process: str
    name: str
    trace: str
    id: str
    parent: str
    links: tuple[str, ...]
    attributes: dict[str, Any]
    failed: bool
    seconds: float


@dataclass
class Collector:
    """What came, span by span, and as bytes."""

    port: int = field(default_factory=free_port)
    spans: list[Spanned] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def of(self, trace: str) -> list[Spanned]:
        """The spans of a trace, and those that are linked to one of them, until there are no more."""
        found = [span for span in self.spans if span.trace == trace]
        while True:
            known = {span.id for span in found}
            more = [
                span for span in self.spans if span.id not in known and known & {*span.links, span.parent}
            ]
            if not more:
                return found
            found += more

    def way(self, span: Spanned) -> list[str]:
        """The names of a span and of those above it, from the first."""
        by_id = {one.id: one for one in self.spans}
        names = [span.name]
        while (above := by_id.get(span.parent)) is not None:
            span = above
            names.insert(0, span.name)
        return names

    async def until(self, seen: Callable[[], bool], seconds: float = 60) -> None:
        """Return when something is seen in what came."""
        async with asyncio.timeout(seconds):
            while not seen():
                await asyncio.sleep(0.05)

    def listening(self) -> AbstractAsyncContextManager[None]:
        """Be there for a while."""
        return listening(self._app, self.port)

    async def _app(self, scope: Any, receive: Any, send: Any) -> None:
        assert (scope["method"], scope["path"]) == ("POST", "/v1/traces")
        body = await body_of(receive)
        headers = dict(scope["headers"])
        body = gzip.decompress(body) if headers.get(b"content-encoding") == b"gzip" else body
        self.bodies.append(body)
        self.spans += _read(ExportTraceServiceRequest.FromString(body).resource_spans)
        answer = ExportTraceServiceResponse().SerializeToString()
        kind = [(b"content-type", b"application/x-protobuf")]
        await send({"type": "http.response.start", "status": 200, "headers": kind})
        await send({"type": "http.response.body", "body": answer})


def _read(resources: Sequence[Any]) -> Iterator[Spanned]:
    for resource in resources:
        process = _values(resource.resource.attributes)["service.name"]
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield Spanned(
                    process,
                    span.name,
                    span.trace_id.hex(),
                    span.span_id.hex(),
                    span.parent_span_id.hex(),
                    tuple(link.span_id.hex() for link in span.links),
                    _values(span.attributes),
                    span.status.code == 2,
                    (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
                )


def _values(attributes: Sequence[Any]) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}
