"""Given a street with something wrong of every kind: each finding holds since the first day on which it did.

The first day is looked for: with the facts of the days up to it, and it closed, the rule finds the same; with
those of the day before it does not.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from services.detection import looking
from services.detection.facts.fact import business_date
from services.detection.rules import BY_NAME
from tests.golden import SECOND
from tests.services.detection.looking import that_count
from tests.services.detection.upstream import event_of

KNOWN_LATER = {
    "duplicate-relief": "the two to whom it was granted were said to be one person afterwards",
    "exit-delayed": "only the exit, which came late, says when it was found that somebody must go",
    "many-custodies": "the custodians were said to be one person afterwards",
    "paper-rectification": "it was on paper only before as well, and is so since the last word again",
    "repeat-petition": "the two petitioners were said to be one person afterwards",
}
"""One finding each: what was so on its day only in the light of later facts, and what was so before."""


def test_a_finding_holds_since_the_first_day_on_which_it_did() -> None:
    events = [event_of(raw) for raw in that_count(SECOND.facts)]
    dated = [(business_date(event), event) for event in events]
    everything = looking.kept(events)
    by_day = defaultdict(list)
    for rule in BY_NAME.values():
        for finding in looking.found(rule, everything, SECOND.expected["closed"], set()):
            by_day[finding.holds_since].append(finding)
    undated = by_day.pop(None)
    assert {finding.rule for finding in undated} == {"integrity-number-used-twice"}, "no fact says a day"
    assert len(by_day) > 50

    otherwise: list[str] = []
    for day, findings in by_day.items():
        assert day is not None
        then: list[set[object]] = []
        for closed in (day, (date.fromisoformat(day) - timedelta(days=1)).isoformat()):
            known = looking.kept(event for on, event in dated if on <= closed)
            rules = {finding.rule for finding in findings}
            then.append(
                {
                    finding.anomaly_id
                    for rule in rules
                    for finding in looking.found(BY_NAME[rule], known, closed, set())
                }
            )
        on_the_day, before = then
        for finding in findings:
            if finding.anomaly_id not in on_the_day or finding.anomaly_id in before:
                otherwise.append(finding.rule)
    assert sorted(otherwise) == list(KNOWN_LATER)
