"""The street: its villages, standards and households, and who of them may play a part."""

import csv
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from random import Random

from services.simulator import months
from services.simulator.division import Village
from services.simulator.household import Components, Household, Spell
from services.simulator.months import Month
from services.simulator.offices import Offices
from services.simulator.offices.applications import Application, Newcomers
from services.simulator.people import (
    PRIVATE_USE,
    UNENCODABLE,
    Account,
    Person,
    Registry,
    homophone,
    traditional,
)
from services.simulator.settings import Settings

RAISED_PERCENT = 110
_DATA = Path(__file__).parent / "data"


@cache
def standards() -> tuple[tuple[Month, dict[str, int]], ...]:
    """Monthly standards per person in 元 by the month from which they hold (domain.md section 6)."""
    with (_DATA / "standards.csv").open(encoding="utf-8") as lines:
        return tuple(
            (months.parse(row.pop("from_month")), {name: int(yuan) for name, yuan in row.items()})
            for row in csv.DictReader(lines)
        )


def standard(programme: str, month: Month) -> int:
    """The standard of a programme in a month, in 元 per person."""
    chosen = standards()[0][1]
    for first, amounts in standards():
        if first <= month:
            chosen = amounts
    return chosen[programme]


@dataclass(frozen=True, slots=True)
class Cast:
    """Who fits a part: household size, and what the head is called."""

    size: tuple[int, int] = (1, 4)
    name: str = "any"  # any | traditional | homophone | dotted | rare | private_use
    unnamed: bool = False  # no account or custody story before
    uncarded: bool = False  # no card of it was or will be in other hands
    components: bool | None = None
    part: str | None = None  # has not played it yet, as a resident


ANYBODY = Cast()


def _fits_name(name: str, wanted: str) -> bool:
    if wanted == "traditional":
        return traditional(name) is not None
    if wanted == "homophone":
        return homophone(name) is not None
    if wanted == "rare":
        return any(character in name for character in UNENCODABLE)
    if wanted == "private_use":
        return any(character in name for character in PRIVATE_USE)
    return wanted == "any" or "·" in name


def _raise(fen: int, percent: int) -> int:
    return max(fen + 100, fen * (100 + percent) // 10000 * 100)


@dataclass
class Street(Offices):
    """Households come and go; the register above records what the offices do about them."""

    size: int = field(kw_only=True)
    people: Registry = field(kw_only=True)
    casting: Random = field(kw_only=True)
    settings: Settings = field(kw_only=True)
    institutions: list[Account] = field(default_factory=list)
    pending: list[Application] = field(default_factory=list)
    """Applications that will be granted."""
    numbered: set[Person] = field(default_factory=set)
    """Those whose ID number was found after they were known by another."""

    # -- the run and its policy --------------------------------------------------------------------

    @property
    def last_month(self) -> Month:
        """The last month of the run."""
        return self.settings.last_month

    @property
    def as_of(self) -> date:
        """The last day of the run."""
        return self.settings.as_of

    def allowed(self, entitlement: int) -> int:
        """The most that may be paid for this month, in 分: 1.00 × entitlement, later 1.10 ×."""
        return (
            entitlement * RAISED_PERCENT // 100 if self.month >= self.settings.raised_month else entitlement
        )

    def raised(self, spell: Spell, month: Month, percent: int) -> tuple[int, Components | None]:
        """The entitlement of a month, raised by a percentage, in whole 元 and member by member."""
        components = spell.components(month)
        if components is None:
            return _raise(spell.entitlement(month), percent), None
        parts = {key: _raise(fen, percent) for key, fen in components.items()}
        return sum(parts.values()), parts

    # -- new households ----------------------------------------------------------------------------

    def next_no(self) -> str:
        """An unused household number."""
        return self.serials.take("household_no")

    def move_in(
        self,
        cast: Cast = ANYBODY,
        *,
        first: Month | None = None,
        decided_on: date | None = None,
        deliver: date | None = None,
        reissued: Account | None = None,
        newcomers: Newcomers | None = None,
        application_no: str | None = None,
    ) -> Household:
        """A new household that fits a part, in its village's 低保 from a month on (default: this).

        ``newcomers``: the household that it is, where it has asked before, with its application.
        """
        random = self.casting
        first = self.month if first is None else first
        decided_on = decided_on or months.day(first - 1, random.randint(8, 26))
        newcomers = newcomers or self.newcomers(cast, first)
        household, programme, members = newcomers.household, newcomers.programme, newcomers.members
        name = members[0].name
        account = reissued.written(name) if reissued else self.people.account(name)
        entitlement, components = self.assess(programme, members, first, cast.components)
        route = "ordinary"
        if len(members) == 1 and random.random() < 0.2:
            route = "single_person"
        elif first >= months.parse("2020-03") and random.random() < 0.1:
            route = "epidemic"
        self.enrollment.enrol(
            household,
            programme,
            members,
            first,
            entitlement,
            account,
            decided_on,
            components=components,
            route=route,
            deliver=deliver,
            application_no=application_no,
        )
        return household

    def newcomers(self, cast: Cast = ANYBODY, first: Month | None = None) -> Newcomers:
        """A household that asks for its village's 低保."""
        village = self._village(0.7)
        programme = "urban_dibao" if village.kind == "community" else "rural_dibao"
        members = self.family(cast, self.month if first is None else first)
        return Newcomers(Household(self.next_no(), village.code), programme, members)

    def _village(self, urban: float) -> Village:
        kind = "community" if self.casting.random() < urban else "village"
        return self.casting.choice([unit for unit in self.division.villages if unit.kind == kind])

    def family(self, cast: Cast, first: Month) -> list[Person]:
        """People who live together; no two of the same name."""
        random, year = self.casting, first // 12
        size = min(max(random.choices((1, 2, 3, 4), (52, 28, 13, 7))[0], cast.size[0]), cast.size[1])
        while True:
            if cast.name in ("rare", "private_use"):
                rare = UNENCODABLE if cast.name == "rare" else tuple(PRIVATE_USE)
                head = self.people.rare_name(random.choice(rare))
            else:
                head = self.people.minority_name() if cast.name == "dotted" else self.people.name()
            if cast.name == "any" and random.random() < 0.02:
                head = self.people.minority_name()
            if _fits_name(head, cast.name):
                break
        names = [head]
        while len(names) < size:
            surname = head[0] if len(names) > 1 and "·" not in head else None
            name = self.people.name(surname)
            if all(name != other and homophone(other) != name for other in names):
                names.append(name)
        ages = [random.randint(30, 88), random.randint(28, 80), random.randint(1, 25), random.randint(1, 18)]
        return [
            self.people.person(name, age, year, without_id=place >= 2 and random.random() < 0.05)
            for place, (name, age) in enumerate(zip(names, ages, strict=False))
        ]

    def assess(
        self, programme: str, members: list[Person], month: Month, split: bool | None = None
    ) -> tuple[int, Components | None]:
        """What a household is entitled to, whole 元 in 分; for one in four split into members' parts."""
        shares = [standard(programme, month) * self.casting.randint(55, 100) // 100 * 100 for _ in members]
        if split is None:
            split = self.casting.random() < 0.25
        components = {p.key: fen for p, fen in zip(members, shares, strict=True)} if split else None
        return sum(shares), components

    def move_in_tekun(self, institution: Account | None, first: Month, decided_on: date) -> Household:
        """A person in 特困供养, in an institution (collective account) or at home."""
        village = self.casting.choice(self.division.villages)
        household = Household(self.next_no(), village.code)
        members = self.family(Cast(size=(1, 1)), first)
        account = institution or self.people.account(members[0].name)
        entitlement, _ = self.assess("tekun", members, first, split=False)
        self.enrollment.enrol(household, "tekun", members, first, entitlement, account, decided_on)
        return household

    def move_in_dual(self, first: Month, decided_on: date) -> Household:
        """A couple, one in 低保 and the other in 特困供养, on one account of the first."""
        household = self.move_in(Cast(size=(1, 1), components=False), first=first, decided_on=decided_on)
        main = household.spell
        partner = self.people.person(self.people.name(), self.casting.randint(50, 80), first // 12)
        entitlement, _ = self.assess("tekun", [partner], first, split=False)
        self.enrollment.enrol(
            household,
            "tekun",
            [partner],
            first,
            entitlement,
            main.account(first),
            decided_on,
            relations=["配偶"],
        )
        household.pinned = household.named = True
        return household

    # -- casting -----------------------------------------------------------------------------------

    def idle(self, household: Household) -> bool:
        """Whether nothing is going on in a household, so that a story may begin."""
        if household.busy or household.pinned or len(household.spells) != 1:
            return False
        spell = household.spell
        if spell.programme == "tekun" or not spell.settled(self.month):
            return False
        members, account = spell.members(self.month), spell.account(self.month)
        return account.holder_name == members[0].name and all(
            p.died_on is None and p.id_number is not None for p in members
        )

    def fits(self, household: Household, cast: Cast) -> bool:
        """Whether a household may play a part."""
        if not self.idle(household) or cast.part in household.parts:
            return False
        if (cast.unnamed and household.named) or (cast.uncarded and household.carded):
            return False
        spell = household.spell
        members = spell.members(self.month)
        return (
            cast.size[0] <= len(members) <= cast.size[1]
            and _fits_name(members[0].name, cast.name)
            and (cast.components is None or cast.components == (spell.components(self.month) is not None))
        )

    def resident(self, random: Random, *parts: str, unnamed: bool = False) -> Household:
        """A household in 低保 that has played none of these parts yet; whatever else befalls it goes on.

        ``unnamed``: nor has it had an account or custody story, and it will never have one.
        """
        for _ in range(200):
            household = random.choice(self.active)
            spell = household.spell
            if household.strange or not household.parts.isdisjoint(parts):
                continue
            if spell.programme == "tekun" or not spell.settled(self.month):
                continue
            head = spell.members(self.month)[0]
            if head.died_on is None and head.id_number is not None and not (unnamed and household.named):
                break
        else:
            household = self.move_in(deliver=self.day(1))
        household.named = household.named or unnamed
        household.parts.update(parts)
        return household

    def find(self, cast: Cast) -> Household:
        """A household for a part, now busy; where none fits, one moves in from this month on."""
        for _ in range(60):
            household = self.casting.choice(self.active)
            if self.fits(household, cast):
                break
        else:
            household = self.move_in(cast, deliver=self.day(1))
        household.busy = True
        household.named = household.named or cast.unnamed
        household.strange = household.strange or cast.uncarded
        if cast.part is not None:
            household.parts.add(cast.part)
        return household
