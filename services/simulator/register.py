"""The offices: every act that makes a fact changes the register and posts the fact in one step."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from services.simulator import facts, months
from services.simulator.facts import CIVIL_AFFAIRS, CUSTODY, VITALS, Event
from services.simulator.household import Components, Household, Listing, Spell
from services.simulator.labels import Anomaly, Labels
from services.simulator.months import Month
from services.simulator.people import Account, Person
from services.simulator.post import Post


@dataclass(slots=True, eq=False)
class Payment:
    """A payment made, with the irregularities that it alone carries."""

    event: Event
    household: Household
    anomalies: list[Anomaly] = field(default_factory=list)

    @property
    def amount(self) -> int:
        """分."""
        amount: int = self.event["data"]["amount_fen"]
        return amount

    @property
    def paid_on(self) -> date:
        """The day on which the money arrived."""
        return date.fromisoformat(self.event["data"]["paid_on"])

    @property
    def key(self) -> dict[str, str]:
        """Household, programme and month: how most rules name a payment's month."""
        data = self.event["data"]
        return {name: data[name] for name in ("household_no", "programme", "month")}

    @property
    def account_key(self) -> dict[str, str]:
        """The natural key of a name mismatch."""
        return {**self.key, "account": self.event["data"]["account"]["number"]}


@dataclass
class Register:
    """Enrols, pays, ends: what the offices do, whether or not they should."""

    post: Post
    labels: Labels
    random: Random
    month: Month
    serials: facts.Serials = field(default_factory=facts.Serials)
    active: list[Household] = field(default_factory=list)
    _present: dict[Household, None] = field(default_factory=dict)

    # -- days --------------------------------------------------------------------------------------

    def day(self, number: int) -> date:
        """A day of the current month."""
        return months.day(self.month, number)

    def some_day(self, first: int, last: int) -> date:
        """Any day of the current month between two."""
        return self.day(self.random.randint(first, last))

    @property
    def pay_day(self) -> date:
        """The 28th, or the Friday before where that is a weekend."""
        day = self.day(28)
        return day - timedelta(days=max(0, day.weekday() - 4))

    def _send(
        self, event: Event, day: date, deliver: date | None, usual: int = 2, once: bool = False
    ) -> Event:
        self.post.send(event, max(deliver or day + self.post.lag(usual), self.day(1)), once)
        return event

    # -- enrolment ---------------------------------------------------------------------------------

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
    ) -> Spell:
        """A household begins to receive a programme."""
        relations = relations or ["本人"] + ["配偶" if n == 0 else "家属" for n in range(len(members) - 1)]
        spell = Spell(
            programme,
            first,
            [Listing(p, r, first) for p, r in zip(members, relations, strict=True)],
            [(first, entitlement, components)],
            [(first, account)],
        )
        household.spells[programme] = spell
        if household not in self._present:
            self._present[household] = None
            self.active.append(household)
        data = {
            "household_no": household.no,
            "programme": programme,
            "division": household.division,
            "members": [
                _without_none(
                    person=p.identity, relation=r, entitlement_fen=components[p.key] if components else None
                )
                for p, r in zip(members, relations, strict=True)
            ],
            "account": account.fields,
            "from_month": months.text(first),
            "entitlement_fen": entitlement,
            "route": route,
            "decided_on": decided_on.isoformat(),
        }
        self._send(
            facts.event(self.serials, CIVIL_AFFAIRS, "enrollment.enrolled", decided_on, data),
            decided_on,
            deliver,
        )
        return spell

    def leave_street(self) -> None:
        """Forget households without a spell in the next month, unless a story about them goes on."""
        self.active = [
            h
            for h in self.active
            if h.busy or any(spell.stop is None or spell.stop > self.month for spell in h.spells.values())
        ]
        self._present = dict.fromkeys(self.active)

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
            data["added"] = [
                _without_none(person=added.person.identity, relation=added.relation, entitlement_fen=part)
            ]
        if removed is not None:
            self._unlist(spell, removed, first)
            if components is not None:
                components.pop(removed.key)
            data["removed"] = [{"person": removed.identity, "reason": reason}]
        spell.entitlements.append((first, entitlement, components))
        self._send(
            facts.event(self.serials, CIVIL_AFFAIRS, "enrollment.members_changed", decided_on, data),
            decided_on,
            None,
        )

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
        self._send(
            facts.event(
                self.serials, CIVIL_AFFAIRS, "enrollment.entitlement_adjusted", decided_on, data, hour
            ),
            decided_on,
            deliver,
        )

    def change_account(self, household: Household, spell: Spell, account: Account, first: Month) -> None:
        """The allowance goes to another account from a month on."""
        spell.accounts.append((first, account))
        day = self.some_day(3, 20)
        data = {
            "household_no": household.no,
            "programme": spell.programme,
            "account": account.fields,
            "from_month": months.text(first),
        }
        self._send(
            facts.event(self.serials, CIVIL_AFFAIRS, "enrollment.account_changed", day, data), day, None
        )

    def exit_household(
        self,
        household: Household,
        spell: Spell,
        kind: str,
        decided_on: date,
        stop: Month,
        deliver: date | None = None,
    ) -> Event:
        """The household leaves the programme; ``stop`` is the first month without payment."""
        spell.stop = stop
        return self._exit(household, spell, kind, decided_on, stop, None, deliver)

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
        self._unlist(spell, person, stop)
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
    ) -> Event:
        data = {
            "household_no": household.no,
            "programme": spell.programme,
            "scope": "member" if person else "household",
            "members": [person.identity] if person else None,
            "exit_kind": kind,
            "stop_month": months.text(stop),
            "decided_on": decided_on.isoformat(),
        }
        event = facts.event(self.serials, CIVIL_AFFAIRS, "enrollment.exited", decided_on, data)
        return self._send(event, decided_on, deliver)

    @staticmethod
    def _unlist(spell: Spell, person: Person, stop: Month) -> None:
        for listing in spell.listings:
            if listing.person is person and listing.stop is None:
                listing.stop = stop

    # -- payments ----------------------------------------------------------------------------------

    def pay(
        self,
        household: Household,
        programme: str,
        month: Month,
        amount: int,
        account: Account,
        *,
        kind: str = "regular",
        paid_on: date | None = None,
        deliver: date | None = None,
    ) -> Payment:
        """Money goes to an account for a month. For each listed member who is dead by then, the world
        knows that it was paid after death."""
        paid_on = paid_on or self.pay_day
        source = facts.source_of_bank(account.bank)
        data = {
            "payment_no": f"FF{self.serials.take('payment_no'):08d}",
            "household_no": household.no,
            "programme": programme,
            "month": months.text(month),
            "paid_on": paid_on.isoformat(),
            "amount_fen": amount,
            "kind": kind,
            "account": account.fields,
            "batch_no": f"{source.split('/')[2].upper()}-{paid_on:%Y%m}-{programme}",
        }
        payment = Payment(facts.event(self.serials, source, "payments.paid", paid_on, data), household)
        self._send(payment.event, paid_on, deliver, usual=1)
        if month == self.month and kind == "regular":
            household.handled.add(programme)
        spell = household.spells.get(programme)
        if spell is not None and spell.covers(month):
            self._know_the_dead(payment, spell, month)
        return payment

    def pay_due(self, household: Household, spell: Spell, **changes: Any) -> Payment:
        """The regular payment of this month: what the register says, but for the changes named."""
        due: dict[str, Any] = {"amount": spell.entitlement(self.month), "account": spell.account(self.month)}
        return self.pay(household, spell.programme, self.month, **{**due, **changes})

    def _know_the_dead(self, payment: Payment, spell: Spell, month: Month) -> None:
        listed = spell.members(month)
        dead = [p for p in listed if p.died_on is not None and months.of(p.died_on) < month]
        components = spell.components(month)
        for person in dead:
            assert person.died_on is not None
            if len(dead) == len(listed):
                overpaid = payment.amount
            elif components:
                overpaid = components[person.key]
            else:
                overpaid = spell.entitlement(month) // len(listed)
            payment.anomalies.append(
                self.labels.irregular(
                    "paid-after-death",
                    payment.household.story,
                    {**payment.key, "person": person.key},
                    person,
                    overpaid_fen=overpaid,
                    severity="info" if month <= months.of(person.died_on) + 3 else "high",
                )
            )

    def return_payment(self, payment: Payment, day: date, reason: str = "账户已注销") -> None:
        """The bank sends a payment back: what was irregular about it is put right."""
        data = {
            name: payment.event["data"][name]
            for name in ("payment_no", "household_no", "programme", "month", "account")
        }
        event = facts.event(
            self.serials,
            payment.event["source"],
            "payments.returned",
            day,
            {**data, "returned_on": day.isoformat(), "reason": reason},
            hour=15,
        )
        self._send(event, day, None)
        self.labels.undo(payment.anomalies)

    def void_payment(self, payment: Payment, day: date, deliver: date | None = None) -> None:
        """The payment line was an error: no money moved."""
        self.void(payment.event, day, "录入错误", deliver)
        self.labels.undo(payment.anomalies)

    def conflict(self, payment: Payment, amount: int, deliver: date) -> None:
        """A corrected amount is sent under the old serial: neither version counts."""
        again = {**payment.event, "data": {**payment.event["data"], "amount_fen": amount}}
        self._send(again, deliver, deliver, once=True)
        self.labels.undo(payment.anomalies)
        self.labels.conflicts.append({"source": again["source"], "id": again["id"]})

    def void(self, original: Event, day: date, reason: str, deliver: date | None = None) -> None:
        """Undo any fact; ``deliver`` may lie before the original's."""
        self._send(facts.void(self.serials, original, day, reason), day, deliver)

    # -- deaths and custody ------------------------------------------------------------------------

    def record_death(
        self, person: Person, died_on: date, registered_on: date, deliver: date | None = None
    ) -> Event:
        """The registry writes a death down, rightly or not."""
        identity = dict(person.identity)
        if self.random.random() < 0.3 and "id_number" in identity:
            identity["id_number"] = identity["id_number"].replace("X", "x")  # as many clerks type it
        data = {
            "person": identity,
            "died_on": died_on.isoformat(),
            "registered_on": registered_on.isoformat(),
            "registry": self.random.choice(("涪陵区殡仪馆", "荔枝派出所", "荔枝卫生院")),
        }
        event = facts.event(self.serials, VITALS, "vitals.died", died_on, data)
        self._send(event, registered_on, deliver, usual=5)
        person.death_recorded = person.died_on is not None
        return event

    def grant_custody(
        self,
        household: Household,
        beneficiary: Person,
        custodian: Person,
        account: Account,
        valid_from: date,
        valid_to: date,
        *,
        agreement: bool = True,
        filed: bool = True,
        kind: str = "relative",
        deliver: date | None = None,
    ) -> Event:
        """Somebody holds the beneficiary's card, with or without the papers."""
        serial = self.serials.take("custody_no")
        data = {
            "custody_no": f"DG{serial:06d}",
            "household_no": household.no,
            "beneficiary": beneficiary.identity,
            "custodian": custodian.identity,
            "custodian_kind": kind,
            "account_number": account.number,
            "agreement_no": f"代管协议{serial:05d}" if agreement else None,
            "filed_on": valid_from.isoformat() if filed else None,
            "valid_from": valid_from.isoformat(),
            "valid_to": valid_to.isoformat(),
        }
        event = facts.event(self.serials, CUSTODY, "custody.granted", valid_from, data)
        return self._send(event, max(valid_from, self.day(1)), deliver)

    def end_custody(self, granted: Event, ended_on: date, reason: str = "自理能力恢复") -> None:
        """The card goes back."""
        data = {
            "custody_no": granted["data"]["custody_no"],
            "household_no": granted["data"]["household_no"],
            "ended_on": ended_on.isoformat(),
            "reason": reason,
        }
        self._send(facts.event(self.serials, CUSTODY, "custody.ended", ended_on, data), ended_on, None)


def _without_none(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
