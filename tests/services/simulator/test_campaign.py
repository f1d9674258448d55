"""The campaign hangs together with the rest of the street, and begins when it is opened."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from events.campaign import TYPES
from services.detection.rules.rule import anomaly_id
from services.simulator import Settings, World
from services.simulator.parameters import LEDGERS
from tests.services.simulator.conftest import Run, run
from tests.services.simulator.findings import identity

OPENED_ON = "2021-06-16"
NOT_BEFORE = {
    entry.name for entry in TYPES if not (entry.void or "problem" in entry.name or "anomaly" in entry.name)
}


def data_of(finished: Run, *names: str) -> Iterator[dict[str, Any]]:
    for name in names:
        yield from (fact.data for fact in finished.log.of(f"campaign.{name}"))


def test_every_type_of_the_campaign_occurs(street: Run) -> None:
    assert {fact["type"] for fact in street.facts} >= {entry.name for entry in TYPES}
    assert sum(fact["type"].startswith("dibao.campaign.") for fact in street.facts) < 3000


def test_whoever_is_named_is_on_the_roster(street: Run) -> None:
    officials = {
        fact.data["official_no"]: fact.data["person"] for fact in street.log.of("officials.appointed")
    }
    named = {talk["official_no"] for talk in data_of(street, "talked_to")}
    for name, fields in {
        "visited": ("visitors",),
        "talked_to": ("talkers",),
        "problem_rechecked": ("recheckers",),
        "anomaly_checked": ("checkers",),
        "trained": ("attendees",),
    }.items():
        named |= {no for data in data_of(street, name) for field in fields for no in data[field]}
    named |= {data["signed_by"] for data in data_of(street, "ledger_submitted")}
    named |= {data["owner"] for data in data_of(street, "project_started")}
    for data in data_of(street, "problem_rectified"):
        named |= {data["rectified_by"], data["confirmed_by"]}
        assert data["rectified_by"] != data["confirmed_by"]
    assert named <= officials.keys()
    for talk in data_of(street, "talked_to"):
        assert talk["person"] == officials[talk["official_no"]]


def test_what_was_looked_into_is_said_of_anomalies_that_are_there_and_is_true(street: Run) -> None:
    said = {data["anomaly_id"]: data["outcome"] for data in data_of(street, "anomaly_checked")}
    found = {data["anomaly_id"] for data in data_of(street, "problem_found") if "anomaly_id" in data}
    assert found.isdisjoint(said)
    said |= dict.fromkeys(found, "confirmed")
    checks = street.labels["checks"]
    assert said == {check["anomaly_id"]: check["outcome"] for check in checks}
    labels = {identity(label["rule"], label["key"]) for label in street.labels["anomalies"]}
    heard = {
        identity(label["rule"], label["key"])
        for label in street.labels["anomalies"]
        if label["rule"] == "bulk-closure" and date.fromisoformat(label["key"]["closed_on"]).weekday() == 4
    }
    refuted = set()
    for check in checks:
        assert check["anomaly_id"] == str(anomaly_id(check["rule"], check["key"]))
        one = identity(check["rule"], check["key"])
        assert one in labels
        if check["outcome"] == "refuted":
            refuted.add(one)
    assert refuted == heard != set()
    assert len(found) > 5
    mistaken = [
        f for f in street.facts if f["type"].endswith("campaign.voided.v1") and "anomaly_id" in f["data"]
    ]
    assert mistaken


def test_problems_and_meetings_are_about_what_there_is(street: Run) -> None:
    households = {fact.data["household_no"] for fact in street.log.of("enrollment.enrolled")}
    petitions = {f.data["petition_no"]: f.data["filed_on"] for f in street.log.of("petitions.filed")}
    about = {data["household_no"] for data in data_of(street, "problem_found") if "household_no" in data}
    assert len(about) > 100
    assert about <= households
    meetings = list(data_of(street, "met"))
    assert sum(len(meeting["petition_nos"]) for meeting in meetings) > 20
    for meeting in meetings:
        assert all(petitions[number] < meeting["met_on"] for number in meeting["petition_nos"])


def test_reports_count_households_that_were_gone_over(street: Run) -> None:
    tasks = {data["task_no"]: data["division"] for data in data_of(street, "task_assigned")}
    counted = [data for data in data_of(street, "task_reported") if "due_count" in data]
    assert {tasks[data["task_no"]] for data in counted} == set(tasks.values())
    for data in counted:
        before = [
            fact
            for fact in street.log.of("screening.household_checked")
            if fact.data["division"] == tasks[data["task_no"]]
            and fact.data["checked_on"] < data["reported_on"]
        ]
        assert data["checked_count"] <= min(data["due_count"], len(before))
        if data["done"]:
            assert data["checked_count"] == data["due_count"] > 0


def test_a_ledger_has_the_rows_of_its_village(street: Run) -> None:
    submitted = list(data_of(street, "ledger_submitted"))
    assert {data["ledger"] for data in submitted} == set(LEDGERS)
    for data in submitted:
        assert data["submitted_on"] > {"2021-Q2": "2021-06-30", "2021-Q3": "2021-09-30"}[data["quarter"]]
        filed = [
            fact
            for fact in street.log.of("petitions.filed")
            if fact.data["division"] == data["division"]
            and "2021-07-01" <= fact.data["filed_on"] <= "2021-09-30"
        ]
        if (data["ledger"], data["quarter"]) == ("petitions", "2021-Q3"):
            assert data["row_count"] == len(filed)
    rows = {
        data["division"]: data["row_count"]
        for data in submitted
        if (data["ledger"], data["quarter"]) == ("households", "2021-Q3")
    }
    paid = {f.data["household_no"] for f in street.log.of("payments.paid") if f.data["month"] == "2021-09"}
    assert 0.85 < sum(rows.values()) / len(paid) < 1.05  # some ledgers are never handed in


@pytest.mark.parametrize("last", ["2021-05", "2021-06", "2021-08"])
def test_nothing_of_it_happens_before_it_is_opened_or_after_the_run(last: str) -> None:
    finished = run(60, 5, "2020-06", last)
    stated = [fact for fact in finished.facts if fact["type"] in NOT_BEFORE]
    assert (stated == []) is (last == "2021-05")
    assert all(OPENED_ON <= fact["time"][:10] <= f"{last}-31" for fact in stated)
    for data in data_of(finished, "problem_found"):
        assert ("campaign_no" in data) is (data["found_on"] >= OPENED_ON)


def test_each_street_opens_a_campaign_of_its_own() -> None:
    facts = [
        event for day in World(Settings(20, "2021-06", "2021-06", 3, street=10)).days() for event in day.facts
    ]
    opened = [fact["data"] for fact in facts if fact["type"] == "dibao.campaign.opened.v1"]
    assert len({data["campaign_no"] for data in opened}) == 2
    assert [phase["from_on"] for phase in opened[0]["phases"]] == [
        "2021-05-01", "2021-06-01", "2021-08-01", "2021-11-01",
    ]  # fmt: skip
