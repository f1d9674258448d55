"""Events with fillers: what need not be there is left out, what must be there is missing."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from events.catalogue import BY_TYPE
from events.digest import canonical_content
from events.examples import examples_of
from services.intake.envelope import validated

TIME = datetime(2021, 6, 28, tzinfo=UTC)


def example(name: str) -> dict[str, Any]:
    """The data of the contract's example of a type."""
    facts = examples_of(name.partition(".")[0])
    data: dict[str, Any] = next(fact["data"] for fact in facts if fact["type"] == f"dibao.{name}.v1")
    return data


def judged(name: str, data: dict[str, Any]) -> tuple[bytes | None, list[str]]:
    """The canonical content of the fact that data state, and what is wrong with them."""
    entry = BY_TYPE[f"dibao.{name}.v1"]
    fact, faults = validated(entry, orjson.dumps(data))
    content = None if fact is None else canonical_content(entry.name, TIME, fact)
    return content, [f"{fault.field}: {fault.sentence.code}" for fault in faults]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("payments.paid", {"division": "/"}),
        ("payments.paid", {"division": "000000000000"}),
        ("enrollment.enrolled", {"application_no": "无"}),
        ("enrollment.exited", {"found_on": "0000-00-00"}),
        ("enrollment.exited", {"found_on": "—"}),
        ("enrollment.investigated", {"investigators": ["无"], "findings": "无"}),
        ("petitions.filed", {"petitioner": {"name": "不详", "id_number": "无"}}),
        ("custody.handed_over", {"witness": {"name": "/", "id_number": "0", "local_no": "/"}}),
    ],
)
def test_with_a_filler_it_is_the_same_fact_as_without(name: str, given: dict[str, Any]) -> None:
    bare = {field: value for field, value in example(name).items() if field not in given}
    without, faults = judged(name, bare)
    assert faults == [] and without is not None
    assert judged(name, {**bare, **given}) == (without, [])


@pytest.mark.parametrize("bank", ["无", "N/A", "——", None])
def test_nor_does_one_in_an_account_change_it(bank: str | None) -> None:
    data = example("payments.paid")
    account = {field: value for field, value in data["account"].items() if field != "bank"}
    assert judged("payments.paid", {**data, "account": {**account, "bank": bank}}) == judged(
        "payments.paid", {**data, "account": account}
    )


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("payments.paid", {"household_no": "无"}, "data.household_no: value-required"),
        ("payments.paid", {"paid_on": "0000-00-00"}, "data.paid_on: value-required"),
        ("payments.paid", {"programme": "无"}, "data.programme: code-expected"),
        ("payments.paid", {"amount_fen": "无"}, "data.amount_fen: integer-expected"),
        ("enrollment.compared", {"amount_fen": "0"}, "data.amount_fen: integer-expected"),
        ("campaign.met", {"bodies": ["无"]}, "data.bodies: value-required"),
        ("campaign.circulated", {"consented": "无"}, "data.consented: boolean-expected"),
    ],
)
def test_where_a_value_must_be_it_is_missing(name: str, given: dict[str, Any], expected: str) -> None:
    assert judged(name, {**example(name), **given}) == (None, [expected])


def test_a_policy_may_say_nought() -> None:
    content, faults = judged("policy.adopted", {**example("policy.adopted"), "value": 0})
    assert content is not None and b'"value":0' in content and faults == []
