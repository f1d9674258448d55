"""Undoing a fact. A void repeats the original's key and subjects, and may arrive before it."""

from typing import Annotated, Any, Generic, TypeVar

from pydantic import Field, StringConstraints, model_validator

from events.form import AccountNumberT, AccountT, Fact, PersonT, TextT
from events.values import AnomalyId, DayAhead, Label, Month, Number, Programme, Year

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
    members: Annotated[list[PersonT], Field(max_length=100)] | None = None
    account: AccountT | None = None
    application_no: Number | None = None
    applicant: PersonT | None = None
    person: PersonT | None = None


class PaymentVoided(Void[TextT], Generic[PersonT, AccountT, TextT]):
    """Undoes a payment, a return or a recovery."""

    household_no: Number
    programme: Programme | None = None
    month: Month | None = None
    payment_no: Number | None = None
    account: AccountT | None = None
    payer: PersonT | None = None


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
    from_person: PersonT | None = None
    to_person: PersonT | None = None
    witness: PersonT | None = None


class PetitionVoided(Void[TextT], Generic[PersonT, TextT]):
    """Undoes a petition fact."""

    petition_no: Number
    petitioner: PersonT | None = None
    household_no: Number | None = None


_ReasonT = TypeVar("_ReasonT", bound=str)


class CalendarVoided(Void[Label], Generic[_ReasonT]):
    """Undoes the arrangement of a year, or the closing of a day, which dibao's own closer alone may undo."""

    reason: _ReasonT
    day: DayAhead
    """The day that was closed; of a year its first, which may be left out: readers always find a day."""
    year: Year | None = None

    @model_validator(mode="before")
    @classmethod
    def _first_day_of_its_year(cls, stated: Any) -> Any:
        year = stated.get("year") if isinstance(stated, dict) else None
        if isinstance(year, int) and 1949 <= year <= 2099:
            return {"day": f"{year}-01-01", **stated}
        return stated


class PolicyVoided(Void[TextT], Generic[TextT]):
    """Undoes the adoption of a policy value, or the issue of a policy."""

    parameter: Label | None = None
    policy_no: Number | None = None


class FundsVoided(Void[TextT], Generic[TextT]):
    """Undoes a fact about the money before it reaches a household."""

    fund_no: Number | None = None
    allocation_no: Number | None = None
    appropriation_no: Number | None = None
    batch_no: Number | None = None


class KinshipVoided(Void[TextT], Generic[PersonT, TextT]):
    """Undoes a filing of kinship, or its review."""

    household_no: Number
    filing_no: Number | None = None
    official: PersonT | None = None
    relative: PersonT | None = None


class OfficialsVoided(Void[TextT], Generic[PersonT, TextT]):
    """Undoes an appointment, or its end."""

    official_no: Number
    appointment_no: Number | None = None
    person: PersonT | None = None


class ScreeningVoided(Void[TextT], Generic[PersonT, TextT]):
    """Undoes a fact about a screening."""

    screening_no: Number
    household_no: Number | None = None
    person: PersonT | None = None


class TekunVoided(Void[TextT], Generic[PersonT, TextT]):
    """Undoes a fact about somebody in 特困供养."""

    household_no: Number
    person: PersonT | None = None
    carer: PersonT | None = None


class ReliefVoided(Void[TextT], Generic[PersonT, TextT]):
    """Undoes a grant of temporary relief."""

    relief_no: Number
    household_no: Number | None = None
    person: PersonT | None = None


class HotlineVoided(Void[TextT], Generic[PersonT, TextT]):
    """Undoes a fact about the hotline."""

    call_no: Number | None = None
    duty_no: Number | None = None
    caller: PersonT | None = None


class SurveyVoided(Void[TextT], Generic[PersonT, TextT]):
    """Undoes a survey or an answer."""

    survey_no: Number
    answer_no: Number | None = None
    person: PersonT | None = None


class CampaignVoided(Void[TextT], Generic[PersonT, TextT]):
    """Undoes a fact about a campaign."""

    campaign_no: Number | None = None
    task_no: Number | None = None
    visit_no: Number | None = None
    talk_no: Number | None = None
    meeting_no: Number | None = None
    circular_no: Number | None = None
    problem_no: Number | None = None
    anomaly_id: AnomalyId | None = None
    submission_no: Number | None = None
    project_no: Number | None = None
    training_no: Number | None = None
    household_no: Number | None = None
    official_no: Number | None = None
    person: PersonT | None = None


class CluesVoided(Void[TextT], Generic[PersonT, TextT]):
    """Undoes a fact about a clue."""

    clue_no: Number
    household_no: Number | None = None
    petition_no: Number | None = None
    person: PersonT | None = None
    informant: PersonT | None = None


class IdentityVoided(Void[TextT], Generic[PersonT, TextT]):
    """Undoes a correction, a merger, a division or a move."""

    household_no: Number | None = None
    person: PersonT | None = None
    corrected: PersonT | None = None
