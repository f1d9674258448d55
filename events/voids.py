"""Undoing a fact. A void repeats the original's key and subjects, and may arrive before it."""

from typing import Annotated, Generic

from pydantic import StringConstraints

from events.form import AccountNumberT, AccountT, Fact, PersonT, TextT
from events.values import Label, Month, Number, Programme

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
"""Keyed HMAC of a fact's canonical plaintext content, 128 bits in hex."""


class Void(Fact, Generic[TextT]):
    """The fact with this ``source`` and ``id`` (and ``digest``, if one version of several) never counted."""

    source: Annotated[str, StringConstraints(min_length=1, max_length=256)]
    id: Annotated[str, StringConstraints(min_length=1, max_length=256)]
    type: Label
    reason: TextT
    digest: Digest | None = None


class EnrollmentVoided(Void[TextT], Generic[PersonT, AccountT, TextT]):
    """Undoes an enrolment fact."""

    household_no: Number
    programme: Programme | None = None
    members: list[PersonT] | None = None
    account: AccountT | None = None


class PaymentVoided(Void[TextT], Generic[AccountT, TextT]):
    """Undoes a payment or a return."""

    household_no: Number
    programme: Programme | None = None
    month: Month | None = None
    payment_no: Number | None = None
    account: AccountT | None = None


class DeathVoided(Void[TextT], Generic[PersonT, TextT]):
    """Undoes a death."""

    person: PersonT


class CustodyVoided(Void[TextT], Generic[PersonT, AccountNumberT, TextT]):
    """Undoes a custody fact."""

    household_no: Number
    custody_no: Number | None = None
    beneficiary: PersonT | None = None
    custodian: PersonT | None = None
    account_number: AccountNumberT | None = None


class PetitionVoided(Void[TextT], Generic[PersonT, TextT]):
    """Undoes a petition fact."""

    petition_no: Number
    petitioner: PersonT | None = None
    household_no: Number | None = None


class PolicyVoided(Void[TextT], Generic[TextT]):
    """Undoes the adoption of a policy value."""

    parameter: Label
