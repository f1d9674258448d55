"""Who is the same: given corrections and merged households, all numbers of one, and the one that holds."""

from __future__ import annotations

from itertools import permutations

import pytest

from services.detection.facts.fact import Body
from services.detection.facts.identity import Corrected, Merged
from services.detection.identity import Identity

END = "2021-12-31"


def corrected(old: str, new: str, day: str = "2021-01-01") -> Corrected:
    return Corrected(f"{old}>{new}", day, old, new)


@pytest.mark.parametrize(
    ("facts", "numbers", "now"),
    [
        ([], ["a"], "a"),
        ([corrected("a", "b")], ["a", "b"], "b"),
        ([corrected("a", "b"), corrected("b", "c", "2021-02-01")], ["a", "b", "c"], "c"),
        # the later correction says which number holds, also where it goes back
        ([corrected("a", "b"), corrected("b", "a", "2021-02-01")], ["a", "b"], "a"),
        ([corrected("a", "b"), corrected("c", "b", "2021-02-01")], ["a", "b", "c"], "b"),
        ([corrected("b", "a", "2021-02-01"), corrected("c", "b")], ["a", "b", "c"], "a"),
        # one of others
        ([corrected("x", "y")], ["a"], "a"),
    ],
)
def test_numbers_of_a_person(facts: list[Body], numbers: list[str], now: str) -> None:
    for order in permutations(facts):
        identity = Identity(order, END)
        assert identity.all("person:a") == [f"person:{one}" for one in numbers] or numbers == ["a"]
        assert {identity.now(f"person:{one}") for one in numbers} == {f"person:{now}"}


def test_households_are_joined_into_the_one_that_keeps_its_number() -> None:
    identity = Identity([Merged("m", "2021-01-01", "H1", ["H2", "H3"])], END)
    assert identity.all("household:H3") == ["household:H1", "household:H2", "household:H3"]
    assert identity.now("household:H2") == "household:H1"
    assert identity.now("person:H2") == "person:H2"


def test_before_its_day_a_correction_is_not_there() -> None:
    facts = [corrected("a", "b", "2021-06-01")]
    assert Identity(facts, "2021-05-31").all("person:a") == ("person:a",)
    assert Identity(facts, "2021-06-01").now("person:a") == "person:b"
    assert not Identity(facts).several, "no day is closed"
