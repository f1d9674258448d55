"""The civil affairs office: who is enrolled, for how much, until when."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from services.simulator import months
from services.simulator.facts import Event
from services.simulator.household import Components, Household, Listing, Spell
from services.simulator.months import Month
from services.simulator.offices.office import Office
from services.simulator.people import Account, Person
from services.simulator.register import Register


@dataclass(frozen=True, slots=True)
class Exit:
    """A household that left a programme."""

    household: Household
    spell: Spell
    kind: str
    decided_on: date
    stop: Month

    @property
    def key(self) -> dict[str, str]:
        """How rules name an exit."""
        return {
            "household_no": self.household.no,
            "programme": self.spell.programme,
            "stop_month": months.text(self.stop),
        }


class Enrollment(Office):
    """Enrols, adjusts, lets go: what the office does, whether or not it should."""

    context = "enrollment"
    source = "/civil-affairs/{street}/dibao"
    serial = "DB"
    void_fields = ("household_no", "programme")

    def __init__(self, register: Register) -> None:
        super().__init__(register)
        self.exits: list[Exit] = []
        """Households that left since somebody last asked."""

    def enrol(
        self,
        household: Household,
        programme: str,
        members: list[Person],
        first: Month,
        entitlement: int,
        account: Account,
        decided_on: date,
        *,
        components: Components | None = None,
        route: str = "ordinary",
        deliver: date | None = None,
        relations: list[str] | None = None,
        application_no: str | None = None,
    ) -> Spell:
        """A household begins to receive a programme."""
        relations = relations or ["本人"] + ["配偶" if n == 0 else "家属" for n in range(len(members) - 1)]
        spell = Spell(
            programme,
            first,
            [Listing(p, r, first) for p, r in zip(members, relations, strict=True)],
            [(first, entitlement, components)],
            [(first, account)],
            decided_on,
        )
        if programme in household.spells:
            household.former.append(household.spells[programme])
        household.spells[programme] = spell
        self.register.admit(household)
        data = {
            "household_no": household.no,
            "programme": programme,
            "division": household.division,
            "members": [
                _member(p, r, components[p.key] if components else None)
                for p, r in zip(members, relations, strict=True)
            ],
            "account": account.fields,
            "from_month": months.text(first),
            "entitlement_fen": entitlement,
            "route": route,
            "decided_on": decided_on.isoformat(),
            "application_no": application_no,
        }
        self.send(self.state("enrolled", decided_on, data), decided_on, deliver)
        return spell

    def change_members(
        self,
        household: Household,
        spell: Spell,
        first: Month,
        decided_on: date,
        entitlement: int,
        *,
        added: Listing | None = None,
        removed: Person | None = None,
        reason: str = "分户",
    ) -> None:
        """A member joins or leaves, and the household's entitlement changes with it."""
        old = spell.components(first)
        components = dict(old) if old else None
        data: dict[str, Any] = {
            "household_no": household.no,
            "programme": spell.programme,
            "from_month": months.text(first),
            "added": [],
            "removed": [],
            "entitlement_fen": entitlement,
        }
        if added is not None:
            spell.listings.append(added)
            part = None
            if components is not None:
                part = components[added.person.key] = entitlement - spell.entitlement(first)
            data["added"] = [_member(added.person, added.relation, part)]
        if removed is not None:
            _unlist(spell, removed, first, decided_on)
            if components is not None:
                components.pop(removed.key)
            data["removed"] = [{"person": removed.identity, "reason": reason}]
        spell.entitlements.append((first, entitlement, components))
        self.send(self.state("members_changed", decided_on, data), decided_on)

    def adjust(
        self,
        household: Household,
        spell: Spell,
        first: Month,
        entitlement: int,
        decided_on: date,
        reason: str,
        *,
        components: Components | None = None,
        deliver: date | None = None,
        hour: int = 10,
    ) -> None:
        """The household's monthly amount changes."""
        spell.entitlements.append((first, entitlement, components))
        by_key = {listing.person.key: listing.person for listing in spell.listings}
        data = {
            "household_no": household.no,
            "programme": spell.programme,
            "from_month": months.text(first),
            "entitlement_fen": entitlement,
            "components": components
            and [{"person": by_key[key].identity, "entitlement_fen": fen} for key, fen in components.items()],
            "reason": reason,
        }
        event = self.state("entitlement_adjusted", decided_on, data, hour=hour)
        self.send(event, decided_on, deliver)

    def change_account(self, household: Household, spell: Spell, account: Account, first: Month) -> None:
        """The allowance goes to another account from a month on."""
        spell.accounts.append((first, account))
        day = self.register.some_day(3, 20)
        data = {
            "household_no": household.no,
            "programme": spell.programme,
            "account": account.fields,
            "from_month": months.text(first),
        }
        self.send(self.state("account_changed", day, data), day)

    def exit_household(
        self,
        household: Household,
        spell: Spell,
        kind: str,
        decided_on: date,
        stop: Month,
        deliver: date | None = None,
        found_on: date | None = None,
    ) -> Event:
        """The household leaves the programme; ``stop`` is the first month without payment.

        ``found_on``: when it was found that the conditions no longer hold.
        """
        spell.stop, spell.left_on = stop, decided_on
        spell.ended_on = min(decided_on, months.day(stop, 1))
        self.exits.append(Exit(household, spell, kind, decided_on, stop))
        return self._exit(household, spell, kind, decided_on, stop, None, deliver, found_on)

    def remove(
        self,
        household: Household,
        spell: Spell,
        person: Person,
        kind: str,
        decided_on: date,
        stop: Month,
        deliver: date | None = None,
    ) -> None:
        """A member exits, and the entitlement falls by that member's part.

        Where it is the last member, the household exits.
        """
        remaining = [p for p in spell.members(stop) if p is not person]
        if not remaining:
            self.exit_household(household, spell, kind, decided_on, stop, deliver)
            return
        old, components = spell.entitlement(stop), spell.components(stop)
        part = components[person.key] if components else old // len(spell.members(stop))
        _unlist(spell, person, stop, decided_on)
        self._exit(household, spell, kind, decided_on, stop, person, deliver)
        left = {key: fen for key, fen in components.items() if key != person.key} if components else None
        self.adjust(
            household, spell, stop, old - part, decided_on, "人口减少", components=left, deliver=deliver
        )

    def _exit(
        self,
        household: Household,
        spell: Spell,
        kind: str,
        decided_on: date,
        stop: Month,
        person: Person | None,
        deliver: date | None,
        found_on: date | None = None,
    ) -> Event:
        data = {
            "household_no": household.no,
            "programme": spell.programme,
            "scope": "member" if person else "household",
            "members": [person.identity] if person else None,
            "exit_kind": kind,
            "stop_month": months.text(stop),
            "decided_on": decided_on.isoformat(),
            "found_on": found_on and found_on.isoformat(),
        }
        return self.send(self.state("exited", decided_on, data), decided_on, deliver)


def _unlist(spell: Spell, person: Person, stop: Month, decided_on: date) -> None:
    for listing in spell.listings:
        if listing.person is person and listing.stop is None:
            listing.stop, listing.left_on = stop, decided_on


def _member(person: Person, relation: str, part: int | None) -> dict[str, Any]:
    member: dict[str, Any] = {"person": person.identity, "relation": relation}
    return member if part is None else {**member, "entitlement_fen": part}
