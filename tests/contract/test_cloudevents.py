"""Our records and examples, read by the CloudEvents project's own SDK; its events, taken by our intake."""

from datetime import datetime

import orjson
import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent

from deploy.contract.specimens import Specimen, specimens
from events.codec import dataschema, decode
from services.intake.envelope import read_event
from services.intake.horizon import Horizon
from services.intake.sources import OPERATOR
from services.platform.protection import ReadableFact

SPECIMENS = list(specimens().values())
STATED = [specimen for specimen in SPECIMENS if specimen.entry.from_upstream]


def name(specimen: Specimen) -> str:
    return specimen.entry.name


@pytest.mark.parametrize("specimen", SPECIMENS, ids=name)
def test_the_sdk_reads_a_record_of_the_log(specimen: Specimen) -> None:
    event = from_kafka_event(KafkaMessage(dict(specimen.headers), specimen.key, specimen.value))
    ours = decode(specimen.value, specimen.headers)
    assert event.get_specversion() == "1.0"
    assert event.get_id() == str(ours.event_id)
    assert event.get_source() == specimen.fact["source"] == ours.source
    assert event.get_type() == specimen.entry.name
    assert event.get_time() == datetime.fromisoformat(specimen.fact["time"])
    assert event.get_subject() == specimen.key.decode() == event.get_extension("partitionkey")
    assert event.get_dataschema() == dataschema(specimen.entry.name)
    assert event.get_datacontenttype() == "application/json"
    assert event.get_extension("serial") == specimen.fact["id"]
    assert event.get_extension("digest") == ours.digest
    assert event.get_data() == specimen.data


@pytest.mark.parametrize("specimen", STATED, ids=name)
def test_the_sdk_reads_an_example_as_upstream_sends_it(specimen: Specimen) -> None:
    sent = HTTPMessage({"content-type": "application/cloudevents+json"}, orjson.dumps(specimen.fact))
    event = from_structured_event(sent)
    assert event.get_id() == specimen.fact["id"]
    assert event.get_type() == specimen.entry.name
    assert event.get_data() == specimen.fact["data"]


@pytest.mark.parametrize("specimen", STATED, ids=name)
def test_intake_takes_an_event_that_the_sdk_makes(specimen: Specimen) -> None:
    fact = {**specimen.fact, "time": datetime.fromisoformat(specimen.fact["time"])}
    made = to_structured_event(CloudEvent(fact, fact.pop("data")))
    assert isinstance(made.value, bytes)
    taken = read_event(made.value, OPERATOR, specimen.entry.context, Horizon.now(24))
    assert isinstance(taken, ReadableFact), taken
    assert taken.data == specimen.entry.readable.model_validate(taken.data)
    assert (taken.source, taken.serial) == (specimen.fact["source"], specimen.fact["id"])
