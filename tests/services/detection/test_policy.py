"""Whether a change of policy changes any value: asked before what reads the parameter is looked at again."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.detection.facts.policy import PolicyAdopted
from services.detection.policy import Parameter, Policy, Scope, moved
from tests.services.detection.upstream import adopted, enrolled, paid
from tests.services.detection.worker import Worker

TWO = Parameter(
    name="two",
    default="2",
    unit="times",
    source="a test",
    title="倍数",
    measure="倍",
    basis="测试",
)
DATED = replace(TWO, dated=(("2020-06-30", "3"),))
WORDS = replace(TWO, default="any", kind="text")
DAYS = ("2020-01-01", "2020-06-30", "2021-01-01")
PREFIXES = ("", "5001", "500102", "5002")
PROGRAMMES = (None, "rural_dibao", "tekun")


def value(
    number: object, day: str = DAYS[0], prefix: str = "", programme: str | None = None
) -> PolicyAdopted:
    event_id = f"{number}/{day}/{prefix}/{programme}"
    return PolicyAdopted(event_id, day, 0, "two", number, prefix, programme)  # type: ignore[arg-type]


VALUES = st.builds(
    value,
    st.sampled_from([2, 2.0, 3, "any", "drei"]),
    st.sampled_from(DAYS),
    st.sampled_from(PREFIXES),
    st.sampled_from(PROGRAMMES),
)


@given(before=st.sets(VALUES, max_size=5), after=st.sets(VALUES, max_size=5))
@pytest.mark.parametrize("parameter", [TWO, WORDS, DATED], ids=["number", "text", "dated"])
def test_it_moved_if_some_village_has_another_value_on_some_day(
    parameter: Parameter, before: set[PolicyAdopted], after: set[PolicyAdopted]
) -> None:
    divisions = (None, "5001", "500102008", "500103", "5002", "51")
    programmes = (None, "urban_dibao", "rural_dibao", "tekun")
    days = ("2019-12-31", "2020-01-01", "2020-03-01", "2020-07-01", "2021-01-01", "2022-01-01")
    ask = Policy.text if parameter.kind == "text" else Policy.number
    differs = any(
        ask(Policy(before), parameter, day, Scope(division, programme))
        != ask(Policy(after), parameter, day, Scope(division, programme))
        for day, division, programme in product(days, divisions, programmes)
    )
    assert moved(before, after, parameter) >= differs
    # and never for nothing: it says so of a scope that a village could have
    assert not moved(before, before, parameter)


@pytest.mark.parametrize(
    ("before", "after", "does"),
    [
        ([], [value(2)], False),  # what held by default
        ([], [value(3)], True),
        ([value(3)], [value(3), value(3, DAYS[1])], False),  # stated anew
        ([value(3)], [], True),
        ([value(3), value(3, DAYS[1])], [value(3)], False),
        ([value(3), value(3, DAYS[1])], [], True),  # both at once, though each alone would change nothing
        ([value(3)], [value(3), value(2, DAYS[0], "5001", "tekun")], True),
        ([value(3)], [value(3), value(3, DAYS[2], "5001")], False),
    ],
)
def test_examples(before: list[PolicyAdopted], after: list[PolicyAdopted], does: bool) -> None:
    assert moved(before, after, TWO) is does


def test_where_the_statute_changes_too_a_document_may_change_something_from_then_on() -> None:
    assert moved([], [value(2)], DATED)
    assert not moved([], [value(3, DAYS[1])], DATED)


def test_of_two_for_the_same_day_what_was_stated_later_holds() -> None:
    first = PolicyAdopted("b", DAYS[0], 1, "two", 3, "", None)
    later = PolicyAdopted("a", DAYS[0], 2, "two", 4, "", None)
    for order in ([first, later], [later, first]):
        assert Policy(order).number(TWO, DAYS[0], Scope()) == 4


async def test_a_document_that_repeats_what_holds_sweeps_nothing_and_one_that_changes_it_does(
    database: str,
) -> None:
    facts = [enrolled("H", "甲"), paid("H", "2021-03", "甲")]
    worker = await Worker.open(database)

    async def sweeps() -> int:
        return int(await worker.connection.fetchval("select count(*) from sweep"))

    try:
        await worker.ingest(facts)
        await worker.ingest([adopted("large_payment.multiple", 1, "2021-01-01", "as the default")])
        assert await sweeps() == 0
        await worker.ingest([adopted("large_payment.multiple", 0.5, "2021-02-01", "half of it")])
        assert await sweeps() == 1
    finally:
        await worker.close()
