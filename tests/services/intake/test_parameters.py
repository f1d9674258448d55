"""What no rule reads is not adopted: given a parameter and a value, what is said of them, by every way in."""

from __future__ import annotations

from typing import Any

import pytest

from events.examples import examples_of
from services.detection import catalogue
from services.intake.context import Intake
from tests.services.intake.conftest import OpenIntake, client

ADOPTED = examples_of("policy")[0]


async def told(intake: Intake, parameter: str, value: object, serial: str) -> tuple[str, ...]:
    """The status of the answer, or where and why it is refused."""
    raw: dict[str, Any] = ADOPTED | {"id": serial}
    raw["data"] = ADOPTED["data"] | {"parameter": parameter, "value": value}
    async with client(intake) as http:
        answer = (await http.post("/events", json=raw)).json()
    if "errors" not in answer:
        return (str(answer["status"]),)
    (error,) = answer["errors"]
    return error["field"], error["code"], error["expected"]


async def test_before_rules_are_published_anything_goes(open_context: OpenIntake) -> None:
    assert await told(await open_context("policy"), "death.grace_month", "drei", "1") == ("accepted",)


async def test_a_misspelt_name_is_told_the_right_one_and_a_wrong_value_what_it_is(
    open_context: OpenIntake,
) -> None:
    intake = await open_context("policy")
    async with intake.pool.acquire() as connection:
        await catalogue.publish(connection)
    assert await told(intake, "death.grace_months", 2, "1") == ("accepted",)
    assert await told(intake, "death.grace_months", "2", "2") == ("accepted",)  # as files have it
    field, code, expected = await told(intake, "death.grace_month", 2, "3")
    assert (field, code) == ("data.parameter", "parameter-unknown")
    assert "death.grace_months" in expected
    for value in ("drei", -1, True, "1e999999999"):
        said = await told(intake, "death.grace_months", value, f"value {value}")
        assert said[:2] == ("data.value", "parameter-number"), value


@pytest.mark.parametrize("name", ["dibao.policy.adopted.v1"])
def test_the_example_of_the_contract_is_one_that_a_rule_reads(name: str) -> None:
    from services.detection.rules import ALL

    assert ADOPTED["type"] == name
    assert ALL.parameters_named(ADOPTED["data"]["parameter"])
