"""Cards and passbooks held by somebody else for the recipient (卡折代管, R31-R32)."""

from typing import Generic, Literal, Self

from pydantic import model_validator

from events.form import AccountNumberT, Fact, PersonT, TextT
from events.values import Day, Label, Number


class Granted(Fact, Generic[PersonT, AccountNumberT]):
    """A custodian holds the beneficiary's card from ``valid_from`` to ``valid_to``, both included."""

    custody_no: Number
    household_no: Number
    beneficiary: PersonT
    custodian: PersonT
    custodian_kind: Literal["relative", "village_official", "township_staff", "institution", "other"]
    account_number: AccountNumberT
    agreement_no: Label | None = None
    filed_on: Day | None = None
    valid_from: Day
    valid_to: Day

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_to < self.valid_from:
            raise ValueError("valid_to: expected valid_from or later")
        return self


class Ended(Fact, Generic[TextT]):
    """The custody ended on a day."""

    custody_no: Number
    household_no: Number
    ended_on: Day
    reason: TextT
