"""Traces that are kept in memory, of the test's own process: the SDK without a collector."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.platform import tracing, tracing_sdk


class Recording:
    """What was followed."""

    def __init__(self) -> None:
        self.kept = InMemorySpanExporter()

    @property
    def spans(self) -> Sequence[ReadableSpan]:
        found: Sequence[ReadableSpan] = self.kept.get_finished_spans()
        return found

    def one(self, name: str) -> ReadableSpan:
        """The only span of a name."""
        (found,) = [span for span in self.spans if span.name == name]
        return found


@contextmanager
def recorded(sampler: str = "parentbased_always_on") -> Iterator[Recording]:
    """Follow facts in this process for a while."""
    recording = Recording()

    def processor(_: object) -> SimpleSpanProcessor:
        return SimpleSpanProcessor(recording.kept)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
        patch.setenv("OTEL_TRACES_SAMPLER", sampler)
        patch.setattr(tracing_sdk, BatchSpanProcessor.__name__, processor)
        tracing.begin("dibao.test")
        try:
            yield recording
        finally:
            tracing.end()
