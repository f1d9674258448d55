"""Spans of OpenTelemetry's SDK, sent by OTLP over HTTP (``tracing``)."""

import logging
from collections.abc import Sequence
from threading import Thread

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import (
    Link,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    format_span_id,
    format_trace_id,
    get_current_span,
)
from opentelemetry.trace import Span as Kept
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from services.platform.tracing import Attributes, Kind, Span

_END_SECONDS = 2.0
_KINDS: dict[Kind, SpanKind] = {
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "producer": SpanKind.PRODUCER,
    "consumer": SpanKind.CONSUMER,
    "internal": SpanKind.INTERNAL,
}
_EXPORTERS = ("opentelemetry.exporter", "urllib3")
"""Loggers that say of every attempt that it failed; of the last one they say so as an error."""


class Exporting:
    """Begins spans as the variables of the SDK say: sampler, limits, collector, queue.

    What ends is put into a queue that is bounded, and sent from a thread; what does not fit is left out.
    """

    def __init__(self, process: str) -> None:
        for name in _EXPORTERS:
            logging.getLogger(name).setLevel(logging.ERROR)
        named = Resource.create({SERVICE_NAME: process}).merge(OTELResourceDetector().detect())
        self._provider = TracerProvider(resource=named, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("dibao")

    def start(
        self, name: str, kind: Kind, parent: str | None, links: Sequence[str], attributes: Attributes
    ) -> Span:
        """Begin a span, below another one or as the first of a trace."""
        begun = self._tracer.start_span(
            name,
            Context() if parent is None else _read(parent),
            _KINDS[kind],
            {**attributes},
            [Link(_context(one)) for one in links],
            record_exception=False,
            set_status_on_exception=False,
        )
        return _Begun(begun)

    def close(self) -> None:
        """Send away what is left, if that is quickly done."""
        # Of a collector that is away the exporter would wait for ten seconds, and more.
        closing = Thread(target=self._provider.shutdown, daemon=True)
        closing.start()
        closing.join(_END_SECONDS)


class _Begun(Span):
    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        context = kept.get_span_context()
        if context.trace_flags & TraceFlags.SAMPLED:
            self.context = _written(context)

    def call(self, name: str) -> None:
        self._kept.update_name(name)

    def note(self, attributes: Attributes) -> None:
        self._kept.set_attributes({**attributes})

    def fail(self, why: str) -> None:
        self._kept.set_attribute("error.type", why)
        self._kept.set_status(StatusCode.ERROR)

    def end(self) -> None:
        self._kept.end()


_PROPAGATOR = TraceContextTextMapPropagator()


def _read(traceparent: str) -> Context:
    return _PROPAGATOR.extract({"traceparent": traceparent}, Context())


def _context(traceparent: str) -> SpanContext:
    return get_current_span(_read(traceparent)).get_span_context()


def _written(context: SpanContext) -> str:
    return f"00-{format_trace_id(context.trace_id)}-{format_span_id(context.span_id)}-01"
