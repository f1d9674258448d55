"""A household as the upstream register has it: spells, who is listed, how much it gets, and where."""

from dataclasses import dataclass, field
from datetime import date

from services.simulator.months import Month
from services.simulator.people import Account, Person

Components = dict[str, int]


@dataclass(slots=True)
class Listing:
    """A person on the list of a spell, from a month to before ``stop``, as was decided on ``left_on``."""

    person: Person
    relation: str
    first: Month
    stop: Month | None = None
    left_on: date | None = None


@dataclass(slots=True)
class Spell:
    """One enrolment in one programme. Values carry the month from which they apply; the latest wins."""

    programme: str
    first: Month
    listings: list[Listing]
    entitlements: list[tuple[Month, int, Components | None]]
    accounts: list[tuple[Month, Account]]
    decided_on: date
    stop: Month | None = None
    ended_on: date | None = None
    """When it ended: by the decision, or the first of its stop month where that is earlier."""
    left_on: date | None = None
    """When it was decided that it ends."""

    def covers(self, month: Month) -> bool:
        """Whether the month lies in the spell."""
        return self.first <= month and (self.stop is None or month < self.stop)

    def members(self, month: Month) -> list[Person]:
        """Who is on the list in a month, dead or alive."""
        if not self.covers(month):
            return []
        return [
            listing.person
            for listing in self.listings
            if listing.first <= month and (listing.stop is None or month < listing.stop)
        ]

    def entitlement(self, month: Month) -> int:
        """分 for the month, as the register has it now."""
        return self._entitled(month)[1]

    def components(self, month: Month) -> Components | None:
        """The members' parts in 分, where the household's entitlement is split."""
        return self._entitled(month)[2]

    def _entitled(self, month: Month) -> tuple[Month, int, Components | None]:
        chosen = self.entitlements[0]
        for entry in self.entitlements:
            if chosen[0] <= entry[0] <= month:
                chosen = entry
        return chosen

    def account(self, month: Month) -> Account:
        """Where the month is paid to."""
        chosen = self.accounts[0]
        for entry in self.accounts:
            if chosen[0] <= entry[0] <= month:
                chosen = entry
        return chosen[1]

    def settled(self, month: Month) -> bool:
        """Whether nothing of the spell begins, ends or changes in or after the month."""
        return (
            self.first < month
            and self.stop is None
            and self.entitlements[-1][0] <= month
            and self.accounts[-1][0] <= month
            and all(
                listing.first < month and (listing.stop is None or listing.stop <= month)
                for listing in self.listings
            )
        )


@dataclass(slots=True, eq=False)
class Household:
    """A household, and what its story in the world currently forbids."""

    no: str
    division: str
    spells: dict[str, Spell] = field(default_factory=dict)
    former: list[Spell] = field(default_factory=list)  # of programmes that it was enrolled in again
    busy: bool = False  # a scheme or a death is going on: nothing else may happen to it
    pinned: bool = False  # must stay as it is to the end of the run
    named: bool = False  # had an account or custody story: never a second one
    merged_into: "Household | None" = None  # it is part of another one now
    carded: bool = False  # somebody else held a card of it once
    strange: bool = False  # its money went to a name that is none of it: never a card in other hands
    income_class: str | None = None  # what it lives on: stable, unstable, able_bodied
    reviewed_on: date | None = None
    unreviewed: str | None = None  # why nobody comes to look again
    followed_on: list[date] = field(default_factory=list)  # when somebody looked after it had left
    story: str = "registration_lag"  # what a payment after a death is labelled as
    handled: set[str] = field(default_factory=set)  # programmes that a scheme paid, or withheld, this month
    parts: set[str] = field(default_factory=set)  # rules for which it has played a part

    @property
    def number_now(self) -> str:
        """The number of the household that it became, or its own."""
        return self.no if self.merged_into is None else self.merged_into.number_now

    def receives(self, month: Month, programme: str | None = None) -> bool:
        """Whether the month lies in a spell, of that programme where one is named."""
        return any(
            spell.covers(month) and programme in (None, spell.programme)
            for spell in (*self.spells.values(), *self.former)
        )

    def lists(self, person: Person, month: Month) -> bool:
        """Whether a person is on the list in a month, of whichever programme."""
        return any(person in spell.members(month) for spell in (*self.spells.values(), *self.former))

    def has_left(self, person: Person, before: date) -> bool:
        """Whether it was decided before a day that a person leaves all that they were in."""
        ends = [
            min(
                (
                    day
                    for stop, day in ((spell.stop, spell.left_on), (listing.stop, listing.left_on))
                    if stop is not None and day is not None
                ),
                default=date.max,
            )
            for spell in (*self.spells.values(), *self.former)
            for listing in spell.listings
            if listing.person is person and spell.decided_on < before
        ]
        return bool(ends) and max(ends) < before

    def still_lists(self, person: Person, month: Month) -> bool:
        """The same, here or in the household that this one became."""
        return self.lists(person, month) or (
            self.merged_into is not None and self.merged_into.still_lists(person, month)
        )

    def receives_after(self, month: Month) -> bool:
        """Whether a spell goes on after the month."""
        for spell in self.spells.values():  # noqa: SIM110 - asked of everybody every month
            if spell.stop is None or spell.stop > month:
                return True
        return False

    @property
    def spell(self) -> Spell:
        """The only (or first) spell."""
        return next(iter(self.spells.values()))
