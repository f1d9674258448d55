"""The compact bodies of fact rows: only the fields that rules read, as JSON arrays with the kind first.

Events are pydantic models; these are our own, written and read here only, so msgspec is enough (and four
times as fast). Dates are ISO text, which compares as dates do; months likewise; amounts are 分; ``time`` is
microseconds since 1970. Persons and accounts are tokens, names are match keys.
"""

import msgspec


class Names(msgspec.Struct, array_like=True, frozen=True):
    """Match keys of one name, an HMAC per tier, from strong to weak.

    ``folded``: the last three as version 2 of the rules for names makes them, where they differ.
    """

    exact: str
    normalised: str
    variant: str
    pinyin: str
    folded: tuple[str, str, str] | None = None


class Member(msgspec.Struct, array_like=True, frozen=True):
    """A member with their own part of the entitlement (分 a month), where it was given."""

    person: str
    names: Names
    component: int | None


class _Body(msgspec.Struct, array_like=True, frozen=True):
    event_id: str
    date: str


class Enrolled(_Body, frozen=True, tag="enrolled"):
    time: int
    programme: str
    month: str
    division: str
    members: list[Member]
    entitlement: int


class MembersChanged(_Body, frozen=True, tag="members_changed"):
    time: int
    programme: str
    month: str
    added: list[Member]
    removed: list[str]
    entitlement: int | None


class Adjusted(_Body, frozen=True, tag="entitlement_adjusted"):
    time: int
    programme: str
    month: str
    components: list[tuple[str, int]]
    entitlement: int


class Exited(_Body, frozen=True, tag="exited"):
    """``persons`` is None where the whole household leaves."""

    time: int
    programme: str
    month: str
    persons: list[str] | None


class Paid(_Body, frozen=True, tag="paid"):
    """A payment as its household sees it; ``date`` is paid_on."""

    programme: str
    month: str
    amount: int
    kind: str
    account: str
    holder: Names
    institution: bool
    payment_no: str


class PaidTo(_Body, frozen=True, tag="paid_to"):
    """A payment as its account sees it."""

    month: str
    household_no: str
    programme: str
    amount: int
    kind: str
    institution: bool
    payment_no: str


class Returned(_Body, frozen=True, tag="returned"):
    payment_no: str


class Granted(_Body, frozen=True, tag="granted"):
    custody_no: str
    household_no: str
    beneficiary: str
    custodian: Names
    account: str
    agreement: bool
    filed: bool
    valid_from: str
    valid_to: str


class Ended(_Body, frozen=True, tag="ended"):
    """A custody ended; ``date`` is ended_on."""

    custody_no: str


class Died(_Body, frozen=True, tag="died"):
    """``date`` is died_on."""

    person: str


class MemberOf(_Body, frozen=True, tag="member_of"):
    """An enrolment fact names this person in this household: how a death finds its households."""

    household_no: str


class PolicyAdopted(_Body, frozen=True, tag="policy_adopted"):
    """``date`` is the first day on which the value holds."""

    parameter: str
    value: int | float | str | bool
    division_prefix: str
    programme: str | None


class DayClosed(_Body, frozen=True, tag="day_closed"):
    """``date`` is the day; ``cut`` is {topic: {partition: next offset}}."""

    cut: dict[str, dict[str, int]]


Change = Enrolled | MembersChanged | Adjusted | Exited
Body = (
    Enrolled
    | MembersChanged
    | Adjusted
    | Exited
    | Paid
    | PaidTo
    | Returned
    | Granted
    | Ended
    | Died
    | MemberOf
    | PolicyAdopted
    | DayClosed
)

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[list[Body]] = msgspec.json.Decoder(list[Body])


def encode(body: Body) -> str:
    """Return the text that is stored."""
    return _encoder.encode(body).decode()


def decode(joined: str) -> list[Body]:
    """Return the bodies of stored texts that were joined with commas."""
    return _decoder.decode("[" + joined + "]")
