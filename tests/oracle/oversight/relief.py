"""Relief granted more than once to one person for one occasion."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from tests.oracle.oversight.log import Found, Log, found
from tests.oracle.persons import person_key


def duplicate(log: Log) -> Iterable[Found]:
    grants: dict[tuple[str, str], list[str]] = defaultdict(list)
    for fact in log.of("relief.granted"):
        if fact.data.get("occasion_no"):
            person = person_key(fact.data["person"], fact.source)
            grants[person, fact.data["occasion_no"]].append(fact.data["relief_no"])
    for (person, occasion_no), numbers in grants.items():
        if len(numbers) > 1:
            yield found("high", {"grants": sorted(numbers)}, person=person, occasion_no=occasion_no)


RULES = {"duplicate-relief": duplicate}
