"""Traces (OpenTelemetry): a fact is followed from the request that states it to row, anomaly and notice.

Off, with nothing of OpenTelemetry loaded, unless the standard variables name a collector (``begin``). A
*context* is W3C's ``traceparent`` of work that is sampled, as text; what has none is not followed. What is
said of work (names, attributes, errors) names no person, household or anomaly.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice
from typing import Final, Literal, Protocol

HEADER: Final = "ce_traceparent"
"""The header of a record that is followed: CloudEvents' extension for distributed tracing."""

LINKS: Final = 100
"""Facts that a batch is linked to at most, and contexts that it goes on in."""

Kind = Literal["server", "client", "producer", "consumer", "internal"]
Attributes = Mapping[str, str | int]

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_SAMPLED = 1


class Span:
    """Work that is followed; of work that is not, nothing is kept."""

    context: str | None = None
    """What whoever goes on with it is told."""

    def call(self, name: str) -> None:
        """Give it another name."""

    def note(self, attributes: Attributes) -> None:
        """Say something of it."""

    def fail(self, why: str) -> None:
        """Say that it failed, by the kind of the error: its message may quote anything."""

    def end(self) -> None:
        """Say that it is done."""


class Tracer(Protocol):
    """What begins spans, and sends them away in the background (``tracing_sdk``)."""

    def start(
        self, name: str, kind: Kind, parent: str | None, links: Sequence[str], attributes: Attributes
    ) -> Span:
        """Begin a span, below another one or as the first of a trace."""

    def close(self) -> None:
        """Send away what is left, if that is quickly done."""


UNFOLLOWED: Final = Span()
_AROUND: ContextVar[str | None] = ContextVar("_AROUND", default=None)
_tracer: Tracer | None = None


def begin(process: str) -> None:
    """Follow facts in this process from now on, where ``OTEL_…`` variables name a collector."""
    global _tracer
    said = os.environ.get
    off = said("OTEL_SDK_DISABLED", "").strip().lower() == "true" or said("OTEL_TRACES_EXPORTER") == "none"
    if off or not any(said(name) for name in _ENDPOINTS):
        return
    # Where nothing is followed, which is the default, a process does without its 30 MB.
    from services.platform.tracing_sdk import Exporting

    _tracer = Exporting(process)


def end() -> None:
    """Follow nothing any more; what was not sent away in two seconds is given up."""
    global _tracer
    tracer, _tracer = _tracer, None
    if tracer is not None:
        tracer.close()


def on() -> bool:
    """Whether this process follows facts."""
    return _tracer is not None


def current() -> str | None:
    """Return the context of the work around, None where it is not followed."""
    return _AROUND.get()


@contextmanager
def request(
    name: str, sent: str | None, *, kind: Kind = "server", attributes: Attributes | None = None
) -> Iterator[Span]:
    """Follow what somebody else asks for: in the trace that they sent, or in a new one, if it is sampled."""
    if _tracer is None:
        yield UNFOLLOWED
        return
    with _around(_tracer.start(name, kind, sent, (), attributes or {})) as begun:
        yield begun


@contextmanager
def span(
    name: str,
    kind: Kind = "internal",
    *,
    of: Iterable[str | None] = (),
    attributes: Attributes | None = None,
) -> Iterator[Span]:
    """Follow work: in the trace of the first of the contexts that it goes on with, linked to the others.

    Without any it is part of the work around; where that is not followed, it is not either.
    """
    if _tracer is None:
        yield UNFOLLOWED
        return
    contexts = list(islice(dict.fromkeys(context for context in of if context is not None), LINKS))
    parent = contexts[0] if contexts else _AROUND.get()
    if parent is None:
        yield UNFOLLOWED
        return
    with _around(_tracer.start(name, kind, parent, contexts[1:], attributes or {})) as begun:
        yield begun


def point(name: str, of: str, *, links: Sequence[str] = (), attributes: Attributes | None = None) -> str:
    """Put something that takes no time into a trace, and return the context with which others go on."""
    if _tracer is None:
        return of
    begun = _tracer.start(name, "producer", of, links, attributes or {})
    begun.end()
    return begun.context or of


@contextmanager
def _around(begun: Span) -> Iterator[Span]:
    token = _AROUND.set(begun.context)
    try:
        yield begun
    except BaseException as error:
        begun.fail(type(error).__name__)
        raise
    finally:
        _AROUND.reset(token)
        begun.end()


def context_of(headers: Sequence[tuple[str, bytes | None]]) -> str | None:
    """Return the context in the headers of a record of the log, where facts are followed here."""
    if _tracer is None:
        return None
    return next((value.decode() for name, value in headers if name == HEADER and value), None)


def header_of(context: str) -> tuple[str, bytes]:
    """Return the header of a record that is followed."""
    return HEADER, context.encode()


def sent_by(headers: Sequence[tuple[str, bytes | None]], prefix: str) -> str | None:
    """Return the ``traceparent`` that somebody else sent, as a header or as an attribute in binary mode.

    One that shows somebody's number is none.
    """
    if _tracer is None:
        return None
    said = {name.lower(): value for name, value in headers if name.lower().endswith("traceparent")}
    text = said.get("traceparent") or said.get(f"{prefix}traceparent")
    if text is None:
        return None
    from services.platform.protection import holds_id_number

    try:
        return None if holds_id_number(text) else text.decode("ascii")
    except UnicodeDecodeError:
        return None


def is_sampled(traceparent: str) -> bool:
    """Whether who sent a context follows it."""
    try:
        return bool(int(traceparent.split("-")[3], 16) & _SAMPLED)
    except (IndexError, ValueError):
        return False
