"""Many streets: one order, no number twice, and labels that hold for all of them together."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from services.simulator import Settings, write
from services.simulator.division import Division, most_streets
from services.simulator.facts import Event, line
from tests.oracle.oversight import RULES as OVERSIGHT
from tests.services.simulator.conftest import Run, run_of
from tests.services.simulator.findings import identity

DISTRICT = Settings(households=240, first="2020-01", last="2020-12", seed=3, street=70)


@pytest.fixture(scope="module")
def district() -> Run:
    """It is walked once."""
    return run_of(DISTRICT)


@pytest.fixture(scope="module")
def facts(district: Run) -> list[Event]:
    return district.facts


def values(data: Any, name: str) -> Iterator[str]:
    """Every value of that name, however deep."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key == name and isinstance(value, str):
                yield value
            yield from values(value, name)
    elif isinstance(data, list):
        for item in data:
            yield from values(item, name)


def street_of(fact: Event) -> str:
    """Whose fact it is: streets put their prefix into every id."""
    return str(fact["id"])[2 : -len("202001-000001")]


def test_a_district_has_streets_of_equal_size() -> None:
    assert [DISTRICT.size_of(number) for number in range(DISTRICT.streets)] == [60, 60, 60, 60]
    assert sum(Settings(3601).size_of(number) for number in range(4)) == 3601
    with pytest.raises(ValueError, match="more than"):
        Settings(most_streets() * 1200 + 1)


def test_what_is_written_is_what_happens_day_by_day(
    district: Run, facts: list[Event], tmp_path: Path
) -> None:
    write(tmp_path, DISTRICT)
    assert (tmp_path / "facts.ndjson").read_bytes() == b"".join(line(fact) + b"\n" for fact in facts)
    assert json.loads((tmp_path / "labels.json").read_bytes()) == district.labels
    manifests = [json.loads(path.read_bytes()) for path in tmp_path.glob("files/*/manifest.json")]
    assert sum(entry["facts"] for manifest in manifests for entry in manifest) == len(facts)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["facts.ndjson", "files", "labels.json"]


@pytest.mark.parametrize(
    "name",
    [
        "household_no",
        "payment_no",
        "custody_no",
        "petition_no",
        "filing_no",
        "official_no",
        "application_no",
        "screening_no",
        "review_no",
        "id_number",
        "number",
    ],
)
def test_no_number_is_used_in_two_streets(facts: list[Event], name: str) -> None:
    users = defaultdict(set)
    for fact in facts:
        for value in values(fact["data"], name):
            users[value].add(street_of(fact))
    assert len({street for streets in users.values() for street in streets}) > 1
    assert [value for value, streets in users.items() if len(streets) > 1] == []


def test_ids_are_unique_within_their_source(facts: list[Event]) -> None:
    streets = defaultdict(set)
    for fact in facts:
        streets[fact["source"]].add(street_of(fact))
    assert len(streets["/bank/psbc/500101"]) == DISTRICT.streets - 1, "a bank of a county is one source"
    contents = defaultdict(set)
    for fact in facts:
        contents[fact["source"], fact["id"]].add(street_of(fact))
    assert all(len(users) == 1 for users in contents.values())


def test_a_scan_of_all_streets_finds_the_labels_and_nothing_else(district: Run) -> None:
    labels = {identity(label["rule"], label["key"]) for label in district.labels["anomalies"]}
    scanned = {identity(f.rule, f.key) for f in district.findings()}
    scanned |= {identity(rule, dict(f.key)) for rule in OVERSIGHT for f in OVERSIGHT[rule](district.log)}
    assert scanned == labels


def test_streets_are_spread_over_counties() -> None:
    ours, *others = (Division(number) for number in range(most_streets()))
    assert (ours.code, ours.prefix) == ("500102008", "LZ")
    assert {street.county for street in others[:27]} == {"500101"}
    assert len({street.county for street in others}) == 37
    codes = {street.code for street in (ours, *others)}
    assert len(codes) == len({street.prefix for street in (ours, *others)}) == 1000


def test_the_codes_of_the_first_street_are_real_and_its_villages_names_are_not() -> None:
    text = files("events").joinpath("data/divisions.csv").read_text(encoding="utf-8")
    real = {row["code"]: _bare(row["name"]) for row in csv.DictReader(text.splitlines())}
    ours = Division(0).villages
    assert {village.code for village in ours} <= real.keys()
    of_the_street = {name for code, name in real.items() if code.startswith(Division(0).code)}
    assert not {_bare(village.name) for village in ours} & of_the_street


def _bare(name: str) -> str:
    for ending in ("居民委员会", "村民委员会", "社区", "村"):
        name = name.removesuffix(ending)
    return name
