"""A business number (``payment_no:P1``), with the facts that state it where there are several.

They are counted by type, for a number may be that of one fact of each of several types; whichever day is
closed. Beyond a bound PostgreSQL counts: who states one number for everything states it a million times.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.detection.facts.envelope import NumberStated
from services.detection.facts.fact import EVIDENCE_CAP
from services.detection.subjects.subject import Bounded, Seen, Subject

NUMBER_BOUND = 500
"""Facts with one number that are read one by one."""


@dataclass(frozen=True, slots=True)
class Statements:
    """The facts of types of which several state the number: their count, and the first, by event id."""

    receipts: Mapping[str, str | None]
    """Event id → receipt, null where it came singly; at most ``EVIDENCE_CAP``."""
    count: int


class BusinessNumber:
    """A number, and who states it."""

    def __init__(self, seen: Seen) -> None:
        self.kind, _, self.number = seen.number.partition(":")
        facts = [fact for fact in seen.facts() if type(fact) is NumberStated]
        counted: Sequence[Statements] = seen.counted
        self.statements = counted[0] if counted else _statements(facts)


def _statements(facts: Sequence[NumberStated]) -> Statements:
    by_type: dict[str, dict[str, str | None]] = defaultdict(dict)
    for fact in facts:
        by_type[fact.stated_by][fact.event_id] = fact.receipts[0] if fact.receipts else None
    several = {event: receipt for one in by_type.values() if len(one) > 1 for event, receipt in one.items()}
    return Statements({event: several[event] for event in sorted(several)[:EVIDENCE_CAP]}, len(several))


# Positions in the body of NumberStated: 1 event id, 3 its type, 4 receipts.
_COUNT = f"""
with stated as (
    select body::jsonb as b from fact
    where subject = $1 and month = $2 and live and kind = 'number_stated'
), several as (
    select b ->> 1 as event_id, b -> 4 ->> 0 as receipt from stated
    where b ->> 3 in (select b ->> 3 from stated group by 1 having count(*) > 1)
)
select
    (select count(*) from several) as count,
    array(select event_id from several order by event_id limit {EVIDENCE_CAP}) as events,
    array(select receipt from several order by event_id limit {EVIDENCE_CAP}) as receipts
"""


def _counted(_: str, row: Any) -> Statements:
    return Statements(dict(zip(row["events"], row["receipts"], strict=True)), row["count"])


SUBJECT = Subject(
    kind="business_number",
    view=BusinessNumber,
    bounded=Bounded(kind=NumberStated, least=2, limit=NUMBER_BOUND, sql=_COUNT, counted=_counted),
)
