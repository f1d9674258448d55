"""The world: deterministic, streaming, and with everything that makes a log of facts hard."""

import tracemalloc
from collections import defaultdict
from datetime import date

import pytest
from pypinyin import lazy_pinyin

from services.simulator import Settings, people, simulate
from services.simulator.division import Division
from services.simulator.facts import Event
from services.simulator.files import SHEETS
from services.simulator.street import standard
from tests.services.simulator.conftest import Run


def test_days_come_in_order_and_none_is_left_out() -> None:
    days = [day.day for day in simulate(Settings(5, "2020-01", "2020-12"))]
    assert days[0] == date(2020, 1, 1)
    assert days[-1] == date(2020, 12, 31)
    assert len(days) == 366
    assert days == sorted(set(days))


def test_the_size_is_that_of_a_street(street: Run) -> None:
    assert 60_000 <= len(street.facts) <= 130_000


def test_four_years_of_a_street_take_seconds(street: Run) -> None:
    assert street.seconds < 12


def test_memory_grows_with_households_and_not_with_facts() -> None:
    def peak(last: str) -> int:
        tracemalloc.start()
        try:
            for _ in simulate(Settings(40, "2010-01", last)):
                pass
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert peak("2021-12") < 2 * peak("2013-12")


def test_id_numbers_and_card_numbers_have_valid_check_digits(street: Run) -> None:
    assert people.check_digit("11010519491231002") == "X"  # the example of GB 11643
    assert people.luhn_digit("7992739871") == "3"  # the textbook example
    persons, accounts = set(), set()
    for fact in street.facts:
        data = fact["data"]
        persons |= {m["person"].get("id_number") for m in data.get("members", []) if "person" in m}
        if isinstance(data.get("account"), dict):
            accounts.add(data["account"]["number"])
    persons.discard(None)
    assert len(persons) > 1500
    assert all(number[17] == people.check_digit(number[:17]) for number in persons)
    assert all(number[-1] == people.luhn_digit(number[:-1]) for number in accounts)
    assert {len(number) for number in accounts} <= {16, 17, 18, 19}


def test_surnames_cannot_be_taken_for_each_other_by_sound() -> None:
    residents = [lazy_pinyin(surname)[0] for surname in people.SURNAMES]
    outsiders = {lazy_pinyin(surname)[0] for surname in people.OUTSIDER_SURNAMES}
    assert len(set(residents)) == len(residents)
    assert outsiders.isdisjoint(residents)
    assert outsiders.isdisjoint(lazy_pinyin(name[0])[0] for name in people.MINORITY)
    assert all(lazy_pinyin(char) == lazy_pinyin(other) for char, other in people.HOMOPHONES.items())


def test_villages_and_standards_are_those_of_the_plan() -> None:
    villages = Division().villages
    codes = [village.code for village in villages]
    assert codes == [f"500102008{n:03d}" for n in (*range(1, 16), *range(201, 213))]
    assert len({village.name for village in villages}) == 27
    assert (standard("rural_dibao", 2021 * 12 + 5), standard("urban_dibao", 2021 * 12 + 5)) == (515, 636)


@pytest.mark.parametrize("type_name", sorted(SHEETS))
def test_facts_that_come_as_files_have_the_time_of_their_day(street: Run, type_name: str) -> None:
    facts = [fact for fact in street.facts if fact["type"] == type_name]
    assert facts
    for fact in facts:
        assert fact["time"] == f"{fact['data'][SHEETS[type_name].dated_by]}T00:00:00+08:00"


def test_the_log_is_a_hard_one(street: Run) -> None:
    contents: dict[tuple[str, str], list[Event]] = defaultdict(list)
    first_seen: dict[tuple[str, str], int] = {}
    for place, fact in enumerate(street.facts):
        contents[fact["source"], fact["id"]].append(fact)
        first_seen.setdefault((fact["source"], fact["id"]), place)
    repeated = [same for same in contents.values() if len(same) > 1 and all(f == same[0] for f in same)]
    conflicting = [key for key, same in contents.items() if any(f != same[0] for f in same)]
    assert len(repeated) >= 100
    assert sorted(conflicting) == sorted((c["source"], c["id"]) for c in street.labels["conflicts"])
    assert len(conflicting) >= 20
    voids = [fact for fact in street.facts if ".voided." in fact["type"]]
    before = [
        void
        for void in voids
        if first_seen[void["source"], void["id"]] < first_seen[void["data"]["source"], void["data"]["id"]]
    ]
    assert {void["type"].split(".")[1] for void in voids} >= {"payments", "enrollment", "vitals", "custody"}
    assert len(before) >= 20
    late = [day for day, fact in street.delivered if (date.fromisoformat(day) - _day(fact)).days > 30]
    assert len(late) >= 200


def test_nothing_is_delivered_before_it_happened(street: Run) -> None:
    early = [fact["type"] for day, fact in street.delivered if date.fromisoformat(day) < _day(fact)]
    assert early == []


def _day(fact: Event) -> date:
    return date.fromisoformat(fact["time"][:10])
