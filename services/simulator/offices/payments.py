"""The banks: which money went to which account for which month, came back, or never moved."""

from dataclasses import dataclass, field
from datetime import date

from services.simulator import months
from services.simulator.facts import Event
from services.simulator.household import Household, Spell
from services.simulator.labels import Anomaly
from services.simulator.months import Month
from services.simulator.offices.office import Form, Office, Sheet
from services.simulator.people import BANKS, Account
from services.simulator.register import Register

PROGRAMMES = {
    "urban_dibao": "城市低保",
    "rural_dibao": "农村低保",
    "tekun": "特困供养",
    "temporary_relief": "临时救助",
}

BRANCHES = 5
"""Of each bank; a branch pays the households of some villages."""


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


@dataclass(slots=True, eq=False)
class Batch:
    """What one branch pays of one programme in one month: in one go on pay day, or on other days (``-B``)."""

    no: str
    bank: str
    programme: str
    month: Month
    regular: bool
    """Whether it is pay day's."""
    lines: dict[str, tuple[int, date, str, int]] = field(default_factory=dict)
    """By payment number what was paid, when, to which household, and for how many people."""
    back: dict[str, date] = field(default_factory=dict)
    """Which of these came back, and when."""
    withdrawn: bool = False
    """Whether a line was an error."""

    @property
    def amount(self) -> int:
        """分."""
        return sum(line[0] for line in self.lines.values())

    @property
    def households(self) -> int:
        """How many households."""
        return len({line[2] for line in self.lines.values()})

    @property
    def persons(self) -> int:
        """How many people they have."""
        return sum({line[2]: line[3] for line in self.lines.values()}.values())

    @property
    def paid_on(self) -> tuple[date, date]:
        """The first and the last day on which money arrived."""
        days = [line[1] for line in self.lines.values()]
        return min(days), max(days)

    def settled(self, day: date) -> tuple[list[int], list[int]]:
        """Amounts that stayed where they went until a day, and those that had come back by then."""
        failed = {number for number, back_on in self.back.items() if back_on <= day}
        return (
            [line[0] for number, line in self.lines.items() if number not in failed],
            [line[0] for number, line in self.lines.items() if number in failed],
        )


@dataclass(slots=True)
class Monthly:
    """What one account was paid of one household's programme for one month."""

    institution: bool = False
    """Whether the account is an institution's."""
    kept: dict[str, int] = field(default_factory=dict)
    """Regular payments that were neither taken back nor an error, by number, in 分."""
    undone: str | None = None
    """What became of one that was not kept: ``returned`` or ``withdrawn``."""
    beside: str | None = None
    """Another kind of payment for the same month."""

    @property
    def ordinary(self) -> bool:
        """Whether it was one regular payment, and no more."""
        return len(self.kept) == 1 and self.undone is None and self.beside is None


class Payments(Office):
    """Pays, takes back, pays again. Each bank is a source of its own."""

    context = "payments"
    source = "/bank/{county}"
    serial = "LS"
    void_fields = ("household_no", "programme", "month", "payment_no", "account")
    sheets = (
        Sheet(
            "dibao.payments.paid.v1",
            kind="payments",
            dated_by="paid_on",
            columns=(
                ("流水号", "id"), ("发放编号", "payment_no"), ("户号", "household_no"),
                ("救助类别", "programme"), ("发放月", "month"), ("到账日", "paid_on"),
                ("金额", "amount_fen"), ("发放类型", "kind"), ("账号", "account.number"),
                ("户名", "account.holder_name"), ("开户行", "account.bank"),
                ("集体账户", "account.institution"), ("批次", "batch_no"), ("作废", ""),
            ),
            words={
                "programme": PROGRAMMES,
                "kind": {"regular": "常规", "arrears": "补发", "one_off": "一次性"},
                "account.institution": {True: "是", None: ""},
            },
            forms={
                "/bank/psbc/": Form("payments-psbc", ".csv", "gb18030"),
                "/bank/cqrcb/": Form("payments-cqrcb", ".csv"),
                "/bank/ccb/": Form("payments-ccb", ".xlsx"),
            },
        ),
    )  # fmt: skip

    def __init__(self, register: Register) -> None:
        super().__init__(register)
        self._sources = {name: register.division.source(bank.source) for name, bank in BANKS.items()}
        self.batches: dict[str, Batch] = {}
        self.after_death: dict[tuple[str, str], list[tuple[Payment, Anomaly]]] = {}
        """By household and programme: payments for somebody dead."""
        self.asked: dict[tuple[str, str], str] = {}
        """What came of asking for that money."""
        self.monthly: dict[tuple[str, str, str, str], Monthly] = {}
        """By household, programme, month and account."""
        self.given_back: dict[tuple[str, str], list[tuple[date, int]]] = {}

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
        register = self.register
        paid_on = paid_on or register.pay_day
        batch = self._batch(account.bank, household.division, programme, paid_on)
        number = f"FF{register.serials.take('payment_no', 8)}"
        data = {
            "payment_no": number,
            "household_no": household.no,
            "programme": programme,
            "month": months.text(month),
            "paid_on": paid_on.isoformat(),
            "amount_fen": amount,
            "kind": kind,
            "account": account.fields,
            "batch_no": batch.no,
        }
        payment = Payment(self.state("paid", paid_on, data, source=self._sources[account.bank]), household)
        self.send(payment.event, paid_on, deliver, usual=1)
        if month == register.month and kind == "regular":
            household.handled.add(programme)
        spell = household.spells.get(programme)
        persons = max(1, len(spell.members(month))) if spell is not None else 1
        monthly = self._monthly(payment)
        if kind == "regular":
            monthly.kept[number] = amount
        else:
            monthly.beside = kind
        batch.lines[number] = (amount, paid_on, household.no, persons)
        if spell is not None and spell.covers(month):
            self._know_the_dead(payment, spell, month)
        return payment

    def pay_due(
        self,
        household: Household,
        spell: Spell,
        *,
        amount: int | None = None,
        account: Account | None = None,
        paid_on: date | None = None,
        deliver: date | None = None,
    ) -> Payment:
        """The regular payment of this month: what the register says, but for the changes named."""
        month = self.register.month
        return self.pay(
            household,
            spell.programme,
            month,
            spell.entitlement(month) if amount is None else amount,
            account or spell.account(month),
            paid_on=paid_on,
            deliver=deliver,
        )

    def _batch(self, bank: str, village: str, programme: str, paid_on: date) -> Batch:
        month = months.of(paid_on)
        regular = paid_on == self.register.pay_day
        branch = f"{BANKS[bank].name}{int(village[-3:]) % BRANCHES + 1}"
        number = f"{branch}-{self.register.division.code}-{months.text(month)}-{programme}"
        number += "" if regular else "-B"
        batch = self.batches.get(number)
        if batch is None:
            batch = self.batches[number] = Batch(number, bank, programme, month, regular)
        return batch

    def forget_ordinary(self, month: Month) -> None:
        """Accounts that were paid once for a month so long ago that nothing will be added to it."""
        text = months.text(month)
        for place in [place for place, one in self.monthly.items() if place[2] <= text and one.ordinary]:
            del self.monthly[place]

    def _monthly(self, payment: Payment) -> Monthly:
        data = payment.event["data"]
        place = data["household_no"], data["programme"], data["month"], data["account"]["number"]
        institution = data["account"].get("institution") is True
        return self.monthly.setdefault(place, Monthly(institution))

    def _not_kept(self, payment: Payment, why: str) -> None:
        monthly = self._monthly(payment)
        if payment.event["data"]["kind"] == "regular":
            # Where it was the only one it may be forgotten.
            monthly.kept.pop(payment.event["data"]["payment_no"], None)
            monthly.undone = why

    def _withdraw(self, payment: Payment) -> None:
        """No money moved: the bank knows nothing of the line."""
        self._not_kept(payment, "withdrawn")
        data = payment.event["data"]
        batch = self.batches[data["batch_no"]]
        batch.lines.pop(data["payment_no"])
        batch.withdrawn = True

    def _know_the_dead(self, payment: Payment, spell: Spell, month: Month) -> None:
        for listing in spell.listings:
            if listing.person.died_on is not None:
                break
        else:
            return
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
            anomaly = self.register.labels.irregular(
                "paid-after-death",
                payment.household.story,
                {**payment.key, "person": person.key},
                person,
                overpaid_fen=overpaid,
                severity="info" if month <= months.of(person.died_on) + 3 else "high",
            )
            payment.anomalies.append(anomaly)
            owed = self.after_death.setdefault((payment.household.no, spell.programme), [])
            owed.append((payment, anomaly))

    def take_back(self, payment: Payment, day: date, reason: str = "账户已注销") -> None:
        """The bank sends a payment back: what was irregular about it is put right."""
        data = {
            name: payment.event["data"][name]
            for name in ("payment_no", "household_no", "programme", "month", "account")
        }
        data |= {"returned_on": day.isoformat(), "reason": reason}
        self.send(self.state("returned", day, data, source=payment.event["source"], hour=15), day)
        self.batches[payment.event["data"]["batch_no"]].back[data["payment_no"]] = day
        self._not_kept(payment, "returned")
        self.register.labels.undo(payment.anomalies)

    def recover(self, payments: list[Payment], amount: int, day: date, method: str) -> None:
        """Money paid after a death is given back."""
        first = payments[0].event["data"]
        data = {
            "recovery_no": f"ZH{self.register.serials.take('recovery_no')}",
            "household_no": first["household_no"],
            "programme": first["programme"],
            "from_month": min(payment.event["data"]["month"] for payment in payments),
            "to_month": max(payment.event["data"]["month"] for payment in payments),
            "recovered_on": day,
            "amount_fen": amount,
            "cause": "death",
            "method": method,
        }
        self.tell("recovered", day, data)
        key = first["household_no"], first["programme"]
        self.given_back.setdefault(key, []).append((day, amount))

    def came_back(self, payment: Payment) -> bool:
        """Whether the bank returned it."""
        data = payment.event["data"]
        return data["payment_no"] in self.batches[data["batch_no"]].back

    def undo(self, payment: Payment, day: date, deliver: date | None = None) -> None:
        """The payment line was an error: no money moved."""
        self.void(payment.event, day, "录入错误", deliver)
        self._withdraw(payment)
        self.register.labels.undo(payment.anomalies)

    def conflict(self, payment: Payment, amount: int, deliver: date) -> None:
        """A corrected amount is sent under the old serial: neither version counts."""
        again = {**payment.event, "data": {**payment.event["data"], "amount_fen": amount}}
        self.send(again, deliver, deliver, once=True)
        self._withdraw(payment)
        self.register.labels.undo(payment.anomalies)
        self.register.labels.conflict(again["source"], again["id"])
