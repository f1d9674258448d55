"""The corpus handed over for real, by HTTP and as records: nothing of it is without an answer."""

from collections.abc import Iterator

import pytest

from deploy.contexts import DECLARATIONS
from services.intake.context import open_intake
from services.intake.dead_letters import list_letters
from services.intake.http import gateway
from services.intake.topic import take_records
from services.platform.batches import read_batches
from services.platform.settings import Settings
from tests.fuzz.corpus import kept
from tests.fuzz.targets import CONTEXTS, packed, place_of
from tests.operator import OPERATOR_KEY
from tests.services.intake.conftest import read, served

BEARER = {"Authorization": f"Bearer {OPERATOR_KEY}"}


def requests() -> Iterator[tuple[str, str, bytes, dict[str, str]]]:
    """Name, address, body and headers of each input that is handed over by HTTP."""
    for target, kind in (("event", "cloudevents"), ("array", "cloudevents-batch")):
        for name, data in kept(target):
            path = f"/{CONTEXTS[data[0]]}/events"
            yield f"{target}/{name}", path, data[1:], {"Content-Type": f"application/{kind}+json"}
    for target in ("csv", "xlsx"):
        for name, data in kept(target):
            path = f"/{CONTEXTS[data[0]]}/files?name=a.{target}&source=/office/500102&batch=b"
            yield f"{target}/{name}", path, data[1:], {}
    for name, data in kept("form"):
        boundary, _, body = data[1:].partition(b"\n")
        said = {"Content-Type": "multipart/form-data" + boundary.decode("latin-1")}
        yield f"form/{name}", f"/{CONTEXTS[data[0]]}/files?source=/office/500102&batch=b", body, said


@pytest.mark.slow
async def test_every_answer_is_one(settings: Settings) -> None:
    declared = [DECLARATIONS[context] for context in CONTEXTS]
    async with open_intake(declared, settings) as intakes, served(gateway(intakes)) as http:
        wrong, taken = [], 0
        for name, path, body, headers in requests():
            answer = await http.post(path, content=body, headers={**BEARER, **headers})
            said = answer.json()
            if answer.status_code in (202, 207):
                taken += 1
            elif not (400 <= answer.status_code < 500 and all(each["field"] for each in said["errors"])):
                wrong.append(f"{name}: {answer.status_code} {said}")
            elif not said["errors"] or any(each["code"] == "fault-of-ours" for each in said["errors"]):
                wrong.append(f"{name}: {said}")
        assert wrong == [], "\n".join(wrong)
        assert taken > 50
    assert len(await read(settings)) > 40


async def test_every_record_is_a_fact_or_a_dead_letter(settings: Settings) -> None:
    settings = settings.model_copy(update={"intake_topics_open": True})
    async with open_intake([DECLARATIONS["payments"]], settings) as (intake,):
        records = 0
        for _, data in kept("records"):
            found, _ = read_batches(packed(data), place_of(settings.topic_prefix), 0)
            records += len(found)
            await take_records(intake, found)
        letters = await list_letters(settings, intake.pool)
    facts = await read(settings)
    assert records > 20
    # Facts that are the same count once.
    assert len(facts) >= 1 and records - 10 <= len(letters) + len(facts) <= records
