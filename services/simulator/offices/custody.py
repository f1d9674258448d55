"""The street's filing of card custody (卡折代管)."""

from dataclasses import dataclass
from datetime import date

from services.simulator import months
from services.simulator.facts import Event
from services.simulator.household import Household
from services.simulator.offices.office import Form, Office, Sheet, key_of
from services.simulator.offices.officials import Official
from services.simulator.people import Account, Person
from services.simulator.register import Register


@dataclass(slots=True, eq=False)
class Card:
    """A card in somebody else's hands.

    ``unchecked``: why nobody looks at it any more, if so. ``ordinary``: no story is about it.
    """

    granted: Event
    household: Household
    beneficiary: Person
    custodian: Person
    valid_from: date
    valid_to: date
    looked_at: date
    ended_on: date | None = None
    voided: bool = False
    handed_over: bool = False
    unchecked: str | None = None
    ordinary: bool = False

    @property
    def key(self) -> dict[str, str]:
        """How most rules name a custody."""
        return key_of(self.granted, "custody_no")

    def held(self, day: date) -> bool:
        """Whether the card is still out on a day, for somebody who is on the household's list."""
        return (
            not self.voided
            and (self.ended_on is None or self.ended_on > day)
            and self.household.still_lists(self.beneficiary, months.of(day))
        )


class Custody(Office):
    """Lets somebody hold a card, with or without the papers, looks at it, and takes it back."""

    context = "custody"
    source = "/street/{street}/custody"
    serial = "DG"
    void_fields = ("household_no", "custody_no", "beneficiary", "custodian", "account_number")
    sheets = (
        Sheet(
            "dibao.custody.granted.v1",
            kind="custody-granted",
            dated_by="valid_from",
            columns=(
                ("流水号", "id"), ("代管编号", "custody_no"), ("户号", "household_no"),
                ("对象姓名", "beneficiary.name"), ("对象身份证号", "beneficiary.id_number"),
                ("代管人姓名", "custodian.name"), ("代管人身份证号", "custodian.id_number"),
                ("代管人类别", "custodian_kind"), ("账号", "account_number"), ("协议号", "agreement_no"),
                ("备案日期", "filed_on"), ("开始日期", "valid_from"), ("截止日期", "valid_to"), ("作废", ""),
            ),
            words={
                "custodian_kind": {
                    "relative": "亲属",
                    "village_official": "村(社区)干部",
                    "township_staff": "乡镇(街道)工作人员",
                    "institution": "机构",
                    "other": "其他",
                }
            },
            forms={"/street/": Form("custody-granted", ".xlsx")},
        ),
        Sheet(
            "dibao.custody.ended.v1",
            kind="custody-ended",
            dated_by="ended_on",
            columns=(
                ("流水号", "id"), ("代管编号", "custody_no"), ("户号", "household_no"),
                ("终止日期", "ended_on"), ("终止原因", "reason"), ("作废", ""),
            ),
            forms={"/street/": Form("custody-ended", ".csv", "gb18030")},
        ),
    )  # fmt: skip

    def __init__(self, register: Register) -> None:
        super().__init__(register)
        self.cards: dict[str, Card] = {}
        """By custody_no."""

    def card(self, granted: Event) -> Card:
        """The card that a grant is about."""
        return self.cards[granted["data"]["custody_no"]]

    def still_out(self) -> list[Card]:
        """The cards that were not given back before this month; forgets the others."""
        day = self.register.day(1)
        self.cards = {
            number: card
            for number, card in self.cards.items()
            if not card.voided and (card.ended_on is None or card.ended_on >= day)
        }
        return list(self.cards.values())

    def grant(
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
        number = self.register.serials.take("custody_no")
        custody_no = f"DG{number}"
        data = {
            "custody_no": custody_no,
            "household_no": household.no,
            "beneficiary": beneficiary.identity,
            "custodian": custodian.identity,
            "custodian_kind": kind,
            "account_number": account.number,
            "agreement_no": f"代管协议{number}" if agreement else None,
            "filed_on": valid_from.isoformat() if filed else None,
            "valid_from": valid_from.isoformat(),
            "valid_to": valid_to.isoformat(),
        }
        household.carded = True
        event = self.state("granted", valid_from, data)
        self.cards[custody_no] = Card(
            event, household, beneficiary, custodian, valid_from, valid_to, looked_at=valid_from
        )
        return self.send(event, max(valid_from, self.register.day(1)), deliver)

    def file_agreement(self, granted: Event, signed_on: date, filed_on: date, filed_with: str) -> None:
        """The agreement comes later than the card: signed, and filed with an office."""
        number = granted["data"]["custody_no"]
        data = {
            **key_of(granted, "custody_no", "household_no"),
            "agreement_no": f"代管协议{number[2:]}",
            "signed_on": signed_on,
            "filed_on": filed_on,
            "filed_with": filed_with,
        }
        self.tell("agreement_filed", filed_on, data)

    def check(self, card: Card, day: date, checkers: list[Official], in_order: bool = True) -> None:
        """Somebody looks whether the card is there, and whether the money reaches whom it is for."""
        card.looked_at = day
        data = {
            **key_of(card.granted, "custody_no", "household_no"),
            "checked_on": day,
            "checkers": [official.no for official in checkers],
            "card_present": True,
            "withdrawals_explained": in_order,
            "result": "in_order" if in_order else "irregular",
            "findings": None if in_order else "部分取款未经本人签字确认",
        }
        self.tell("checked", day, data)

    def hand_over(self, card: Card, day: date, direction: str, witness: Official | None = None) -> None:
        """The card changes hands."""
        giver, taker = card.beneficiary, card.custodian
        if direction == "to_beneficiary":
            giver, taker = taker, giver
        data = {
            **key_of(card.granted, "custody_no", "household_no"),
            "handed_over_on": day,
            "direction": direction,
            "from_person": giver.identity,
            "to_person": taker.identity,
            "witness": witness and witness.person.identity,
        }
        self.tell("handed_over", day, data)

    def end(self, granted: Event, ended_on: date, reason: str = "自理能力恢复") -> None:
        """The card goes back."""
        card = self.card(granted)
        card.ended_on = ended_on
        if card.handed_over:
            self.hand_over(card, ended_on, "to_beneficiary")
        data = {
            "custody_no": granted["data"]["custody_no"],
            "household_no": granted["data"]["household_no"],
            "ended_on": ended_on.isoformat(),
            "reason": reason,
        }
        self.send(self.state("ended", ended_on, data), ended_on)

    def void(self, original: Event, day: date, reason: str, deliver: date | None = None) -> None:
        """A fact of custody never counted; where it is a grant, no card was handed over."""
        if original["type"].endswith(".granted.v1"):
            self.card(original).voided = True
        super().void(original, day, reason, deliver)
