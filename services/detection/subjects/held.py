"""Cards in other hands: who holds a card from when until when, and whether it is held on the closed day."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.detection.facts.custody import Ended, Granted, HandedOver
from services.detection.facts.fact import Body
from services.detection.subjects.beside import WithHouseholds, first_of
from services.detection.subjects.membership import Stay

CLAUSES: Mapping[str, str] = {
    "ended": "a card that was taken back is not held",
    "given_back": "a card that was handed back to the beneficiary is not held",
    "left": "a card of somebody who receives no more is their own affair",
}
"""What is lawful wherever a card must be held: the rules of held cards have these beside their own."""


@dataclass(frozen=True, slots=True)
class Holding:
    """One person holds a card on the days ``since`` ≤ d < ``until``; ``taken``: the handing over, if any."""

    grant: Granted
    holder: str
    kind: str
    since: str
    until: str | None = None
    taken: HandedOver | None = None

    def covers(self, day: str) -> bool:
        """Whether the card is theirs on a day."""
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class Card:
    """A card that is held on the latest closed day, for a member; ``stay`` says since when."""

    holding: Holding
    stay: Stay | None

    @property
    def grant(self) -> Granted:
        """The last grant of the custody."""
        return self.holding.grant

    @property
    def params(self) -> dict[str, Any]:
        """What findings say of it: since when, who holds it (and as what), and whose it is (tokens)."""
        return {
            "valid_from": self.grant.valid_from,
            "custodian_kind": self.holding.kind,
            "custodian": self.holding.holder,
            "beneficiary": self.grant.beneficiary,
        }

    @property
    def facts(self) -> tuple[Body | None, ...]:
        """Those that say so, as evidence."""
        return self.grant, self.holding.taken, self.stay.joined_by if self.stay is not None else None


class CardDossier(WithHouseholds):
    """A view that sees cards and the households of those whose cards they are, as of the closed day."""

    def held(self, holdings: Iterable[Holding], without: Collection[str] = ()) -> Card | None:
        """Return the card as it is held on the latest closed day, if it is."""
        day = self.closed
        if day is None:
            return None
        for holding in holdings:
            if holding.covers(day) or (holding.until is None and "not_begun" in without):
                stays = self.stays(holding.grant.household_no, holding.grant.beneficiary)
                covering = [stay for stay in stays if stay.covers(day[:7]) or "left" in without]
                return Card(holding, covering[0]) if covering else None
        return None

    def turns(self, holdings: Iterable[Holding]) -> Iterator[str]:
        """Yield the days on which a card may begin or cease to be held, facts dated ahead left aside."""
        for holding in holdings:
            yield holding.since
            for stay in self.stays(holding.grant.household_no, holding.grant.beneficiary):
                for month in (stay.from_month, stay.to_month):
                    if month is not None:
                        yield first_of(month)

    def holdings(
        self,
        grants: Sequence[Granted],
        handovers: Iterable[HandedOver],
        ends: Iterable[Ended],
        without: Collection[str] = (),
    ) -> list[Holding]:
        """Return who holds a card from when until when, given the facts of its custody in order.

        The last grant describes it. Who takes it is what the handing over says, else what the grant does.
        """
        if not grants:
            return []
        grant = grants[-1]
        found: list[Holding] = []
        now: Holding | None = Holding(grant, self.person(grant.holder), grant.kind, grant.valid_from)
        for step in handovers:
            if step.direction == "to_beneficiary":
                if "given_back" in without:
                    continue
                then = None
            else:
                if step.direction == "to_successor" and "handed_on" in without:
                    continue
                taker, kind = self.person(step.taker), step.kind or grant.kind
                if now is not None and (taker, kind) == (now.holder, now.kind):
                    continue
                then = Holding(grant, taker, kind, max(step.date, grant.valid_from), None, step)
            if now is not None:
                found.append(replace(now, until=max(step.date, grant.valid_from)))
            now = then
        if now is not None:
            found.append(now)
        ended = min((fact.date for fact in ends), default=None) if "ended" not in without else None
        if ended is not None:
            found = [replace(one, until=min(one.until or ended, ended)) for one in found if one.since < ended]
        return [one for one in found if one.until is None or one.since < one.until]
