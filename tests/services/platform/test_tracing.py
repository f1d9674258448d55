"""What is followed, and what is not: contexts from outside, batches, records of the log."""

import subprocess
import sys
from dataclasses import dataclass, replace

import pytest

from events.reading import read
from services.platform import tracing
from services.platform.authorship import LogKeys, Verdict
from services.platform.log import decode_record
from tests.services.detection.upstream import message_of, paid
from tests.tracing.recording import recorded

TOPIC = "dibao.payments"
KEYS = LogKeys([bytes(range(32))])
FOLLOWED, UNSAMPLED = f"00-{7:032x}-{7:016x}-01", f"00-{8:032x}-{8:016x}-00"


def others(count: int) -> list[str]:
    return [f"00-{number:032x}-{number:016x}-01" for number in range(100, 100 + count)]


@dataclass(frozen=True)
class Raw:
    """A record as Kafka delivers it."""

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]
    topic: str = TOPIC
    partition: int = 0
    offset: int = 0


def raw(trace: str | None = None) -> Raw:
    message = message_of(paid("H", "2021-02", "甲"))
    headers = [*message.headers, *([tracing.header_of(trace)] if trace else ())]
    mac = KEYS.mac(TOPIC, message.key, message.value, headers)
    return Raw(message.key, message.value, [*headers, mac])


OFF = """
import os, sys
from services.platform import tracing
import services.projector.service
for told in TOLD:
    os.environ |= told
    tracing.begin("dibao.test")
    assert not tracing.on(), told
    for name in told:
        del os.environ[name]
with tracing.request("request", None) as asked, tracing.span("work", of=["x"]):
    assert asked.context is None and tracing.current() is None
assert not [name for name in sys.modules if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter"))]
"""


def test_off_nothing_of_the_sdk_is_loaded() -> None:
    endpoint = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    told = [
        {},
        {"OTEL_SERVICE_NAME": "dibao", "OTEL_EXPORTER_OTLP_ENDPOINT": ""},
        {**endpoint, "OTEL_SDK_DISABLED": "True"},
        {**endpoint, "OTEL_TRACES_EXPORTER": "none"},
    ]
    script = OFF.replace("TOLD", repr(told))
    subprocess.run([sys.executable, "-c", script], env={"PYTHONPATH": "."}, check=True)


def test_a_record_that_is_not_followed_has_the_bytes_it_always_had_and_one_that_is_reads_the_same() -> None:
    plain, followed = raw(), raw(FOLLOWED)
    more = next(header for header in followed.headers if header not in plain.headers)
    assert more == ("ce_traceparent", FOLLOWED.encode())
    assert read(followed.value, followed.headers) == read(plain.value, plain.headers)
    assert decode_record(followed).trace is None, "nothing is followed here"
    with recorded():
        assert decode_record(plain).trace is None
        assert decode_record(followed).trace == FOLLOWED


def test_the_context_is_signed_with_the_rest() -> None:
    followed = raw(FOLLOWED)
    *headers, (name, _), mac = followed.headers
    assert name == tracing.HEADER
    assert KEYS.verdict(followed) is Verdict.GENUINE
    other = replace(followed, headers=[*headers, tracing.header_of(others(1)[0]), mac])
    assert KEYS.verdict(other) is Verdict.WRONG
    assert KEYS.verdict(replace(followed, headers=[*headers, mac])) is Verdict.WRONG


def test_a_request_goes_on_in_the_trace_that_it_comes_with_if_that_is_sampled() -> None:
    with recorded() as recording:
        with tracing.request("followed", FOLLOWED) as asked:
            assert asked.context is not None and tracing.current() == asked.context
            with tracing.span("within"):
                pass
        with tracing.request("not followed", UNSAMPLED) as asked:
            assert asked.context is None
            with tracing.span("within that"):
                pass
        with tracing.request("a trace of its own", "rubbish") as asked:
            assert asked.context is not None
        assert tracing.current() is None
    followed = recording.one("followed")
    assert f"{followed.context.trace_id:032x}" == FOLLOWED[3:35]
    within = recording.one("within").parent
    assert within is not None and within.span_id == followed.context.span_id
    assert [span.name for span in recording.spans] == ["within", "followed", "a trace of its own"]


def test_sampling_is_as_the_variables_say() -> None:
    with recorded("parentbased_always_off") as recording:
        with tracing.request("followed", FOLLOWED):
            pass
        with tracing.request("asked for by nobody who follows it", None) as asked:
            assert asked.context is None
    assert [span.name for span in recording.spans] == ["followed"]


def test_a_batch_goes_on_with_the_first_and_is_linked_to_the_others_up_to_a_bound() -> None:
    contexts = others(3 * tracing.LINKS)
    with recorded() as recording:
        with tracing.span("some", of=[None, contexts[0], contexts[0], contexts[1], None, contexts[1]]):
            pass
        with tracing.span("many", of=contexts):
            pass
        with tracing.span("none", of=[None, None]):
            pass
    some, many = recording.one("some"), recording.one("many")
    assert some.parent is not None and f"{some.parent.span_id:016x}" == contexts[0][36:52]
    assert [f"{link.context.span_id:016x}" for link in some.links] == [contexts[1][36:52]]
    assert len(many.links) == tracing.LINKS - 1
    assert len(recording.spans) == 2


def test_of_an_error_its_kind_is_told_and_not_what_it_says() -> None:
    with recorded() as recording, pytest.raises(ValueError), tracing.request("request", FOLLOWED):
        raise ValueError("涂英秋")
    (span,) = recording.spans
    assert span.attributes == {"error.type": "ValueError"}
    assert not span.events and not span.status.is_ok and not span.status.description
    assert "涂英秋" not in span.to_json()


def test_what_is_sent_from_outside() -> None:
    headers: list[tuple[str, bytes | None]] = [
        ("Ce-Traceparent", others(1)[0].encode()),
        ("x-traceparent", b"x"),
        ("tracestate", b"vendor=x"),
    ]
    assert tracing.sent_by([("traceparent", FOLLOWED.encode())], "ce-") is None, "nothing is followed here"
    with recorded():
        assert tracing.sent_by(headers, "ce-") == others(1)[0]
        assert tracing.sent_by(headers, "ce_") is None
        assert tracing.sent_by([*headers, ("Traceparent", FOLLOWED.encode())], "ce-") == FOLLOWED
        assert tracing.sent_by([("traceparent", "无".encode())], "ce-") is None
        assert tracing.sent_by([("traceparent", None)], "ce-") is None
        number = "500102195203141276"
        hidden = f"00-{number}{'a' * 14}-{7:016x}-01"
        assert tracing.sent_by([("traceparent", hidden.encode())], "ce-") is None, "an ID number"
    assert tracing.is_sampled(FOLLOWED) and not tracing.is_sampled(UNSAMPLED)
    assert not tracing.is_sampled("rubbish") and not tracing.is_sampled("00-a-b-x")
