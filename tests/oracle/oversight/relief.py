"""Relief granted more than once to one person for one occasion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tests.oracle.oversight.log import Found, Log, found
from tests.oracle.persons import person_key


def duplicate(log: Log) -> Iterable[Found]:
    grants = Counter(
        (person_key(fact.data["person"], fact.source), fact.data["occasion_no"])
        for fact in log.of("relief.granted")
        if fact.data.get("occasion_no")
    )
    for (person, occasion_no), count in grants.items():
        if count > 1:
            yield found("high", {"grants": count}, person=person, occasion_no=occasion_no)


RULES = {"duplicate-relief": duplicate}
