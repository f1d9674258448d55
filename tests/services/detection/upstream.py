"""Upstream facts as examples are written, and the events that intake makes of them (sealing left out)."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from events.catalogue import BY_TYPE, log_topic
from events.envelope import Event, Record, event_id_of
from events.id_numbers import id_check_digit
from events.reading import read
from services.platform.identity import Identity
from services.platform.keys import Keys
from services.platform.protection import Message, Prepared, Protector, ReadableFact
from services.platform.vault import Vault

Raw = dict[str, Any]

KEYS = Keys.of(bytes(range(32)))
IDENTITY = Identity(KEYS)


NUMBERS_ACCOUNT = IDENTITY.account_token("6217000000000001")
"""The token of the account that examples pay to."""


class _NoSeal:
    def seal(self, plain: bytes, bound_to: bytes) -> str:
        return "s1.x"


class _NoVault:
    async def sealers(self, subjects: Iterable[str]) -> dict[str, _NoSeal]:
        return dict.fromkeys(subjects, _NoSeal())


_PROTECTOR = Protector(KEYS, cast(Vault, _NoVault()))


def _prepared(raw: Raw) -> Prepared:
    entry = BY_TYPE[raw["type"]]
    prepared = _PROTECTOR.prepare(
        ReadableFact(
            entry,
            event_id_of(raw["source"], raw["id"]),
            raw["source"],
            raw["id"],
            datetime.fromisoformat(raw["time"]),
            entry.readable.model_validate(raw["data"], strict=False),
            correlation_id=raw.get("correlationid"),
            source_area=raw.get("sourcearea"),
        )
    )
    assert isinstance(prepared, Prepared), prepared
    return prepared


def digest_of(raw: Raw) -> str:
    """Return the content digest of one version of a fact."""
    return _prepared(raw).digest


def message_of(raw: Raw) -> Message:
    """Return the record that intake writes."""
    work = _PROTECTOR.protect([_prepared(raw)])
    try:
        work.send(None)
    except StopIteration as end:
        (message,) = end.value
    assert isinstance(message, Message), message
    return message


def event_of(raw: Raw) -> Event:
    """Return the event on the log, as pipelines read it."""
    message = message_of(raw)
    return read(message.value, message.headers)


_offsets = itertools.count()


def record_of(raw: Raw) -> Record:
    """Return the event with some place on the log."""
    event = event_of(raw)
    return Record(log_topic("dibao", event.entry.context), 0, next(_offsets), event)


def token_of(person: str) -> str:
    """Return the token of a person as the oracle names them: ``id:…`` or ``local:source:number``."""
    kind, _, rest = person.partition(":")
    if kind == "id":
        return IDENTITY.person_token(rest)
    source, _, number = rest.rpartition(":")
    return IDENTITY.person_token(number, source)


# --- small facts, for examples ---


def fact(type_: str, id_: str, time: str = "2021-01-01T09:00:00+08:00", **data: Any) -> Raw:
    """Return a fact of a source of its context; ``from_`` stands for ``from``."""
    if "from_" in data:
        data["from"] = data.pop("from_")
    return {
        "specversion": "1.0",
        "id": id_,
        "source": f"/test/{type_.partition('.')[0]}",
        "type": f"dibao.{type_}.v1",
        "time": time,
        "data": data,
    }


def account(number: str, holder: str, *, institution: bool = False) -> dict[str, Any]:
    """Return an account; institutions are collective accounts."""
    return {"number": number, "holder_name": holder, "institution": institution}


def enrolled(
    household_no: str, *names: str, from_month: str = "2021-01", fen: int = 30000, **more: Any
) -> Raw:
    """A household begins to receive rural dibao, in the order of its members' names."""
    data: dict[str, Any] = {
        "household_no": household_no,
        "programme": "rural_dibao",
        "division": "500102008202",
        "members": [{"person": person_of(name), "relation": "成员"} for name in names],
        "account": account("6217000000000001", names[0]),
        "from_month": from_month,
        "entitlement_fen": fen,
        "route": "ordinary",
        "decided_on": "2020-12-20",
    }
    id_ = more.pop("id_", f"enrolled-{household_no}-{from_month}-{more.get('programme', '')}")
    return fact("enrollment.enrolled", id_, **(data | more))


def person_of(name: str) -> dict[str, str]:
    """Return a person with an ID number that is always the same for the name."""
    digits = f"{abs(hash_of(name)) % 1000:03d}"
    first_17 = "50010219800101" + digits
    return {"name": name, "id_number": first_17 + id_check_digit(first_17)}


def hash_of(name: str) -> int:
    """Return the same small number for a name in every run."""
    return sum(ord(character) * 7**place for place, character in enumerate(name))


def exited(household_no: str, stop_month: str, *names: str, **more: Any) -> Raw:
    """A household, or the named members, leave."""
    data: dict[str, Any] = {
        "household_no": household_no,
        "programme": "rural_dibao",
        "scope": "member" if names else "household",
        "exit_kind": "other",
        "stop_month": stop_month,
        "decided_on": f"{stop_month}-01",
    }
    if names:
        data["members"] = [person_of(name) for name in names]
    id_ = more.pop("id_", f"exited-{household_no}-{stop_month}-{''.join(names)}")
    return fact("enrollment.exited", id_, **(data | more))


def paid(household_no: str, month: str, holder: str, fen: int = 30000, **more: Any) -> Raw:
    """A regular payment on the 25th of its month, to the household's account."""
    no = more.pop("no", f"P-{household_no}-{month}")
    number = more.pop("number", "6217000000000001")
    data: dict[str, Any] = {
        "payment_no": no,
        "household_no": household_no,
        "programme": "rural_dibao",
        "month": month,
        "paid_on": f"{month}-25",
        "amount_fen": fen,
        "kind": "regular",
        "account": account(number, holder, institution=more.pop("institution", False)),
        "batch_no": f"B{month}",
    }
    return fact("payments.paid", more.pop("id_", no), **(data | more))


def returned(no: str, household_no: str, month: str, holder: str, **more: Any) -> Raw:
    """A payment came back."""
    data = {
        "payment_no": no,
        "household_no": household_no,
        "programme": "rural_dibao",
        "month": month,
        "account": account("6217000000000001", holder),
        "returned_on": f"{month}-28",
        "reason": "账户已销",
    }
    return fact("payments.returned", f"returned-{no}", **(data | more))


def died(name: str, day: str, **more: Any) -> Raw:
    """A person died; registered at once."""
    id_ = more.pop("id_", f"died-{name}")
    return fact("vitals.died", id_, person=person_of(name), died_on=day, registered_on=day, registry="民政所")


def corrected(old: str, new: str, day: str, id_: str = "") -> Raw:
    """Whoever had the number of one name turns out to be the other."""
    return fact(
        "identity.corrected",
        id_ or f"corrected-{old}-{new}",
        person=person_of(old),
        corrected=person_of(new),
        corrected_on=day,
        ground="two_numbers",
    )


def merged(kept: str, *gone: str, day: str = "2021-01-31") -> Raw:
    """Households become one, which keeps the first number."""
    return fact(
        "identity.households_merged", f"merged-{kept}", household_no=kept, merged=list(gone), merged_on=day
    )


def granted(no: str, household_no: str, beneficiary: str, custodian: str, **more: Any) -> Raw:
    """A custody with agreement and filing, of the account that payments go to."""
    data: dict[str, Any] = {
        "custody_no": no,
        "household_no": household_no,
        "beneficiary": person_of(beneficiary),
        "custodian": person_of(custodian),
        "custodian_kind": "relative",
        "account_number": "6217000000000001",
        "agreement_no": "A1",
        "filed_on": "2021-01-01",
        "valid_from": "2021-01-01",
        "valid_to": "2021-06-30",
    }
    id_ = more.pop("id_", f"granted-{no}")
    return fact("custody.granted", id_, **{k: v for k, v in (data | more).items() if v is not None})


def custody_ended(no: str, household_no: str, day: str) -> Raw:
    """A custody ended."""
    return fact(
        "custody.ended", f"ended-{no}", custody_no=no, household_no=household_no, ended_on=day, reason="收回"
    )


def adopted(parameter: str, value: float, from_: str, id_: str = "", **scope: str) -> Raw:
    """A policy value."""
    more: dict[str, Any] = {"scope": scope} if scope else {}
    return fact(
        "policy.adopted",
        id_ or f"{parameter}-{from_}",
        parameter=parameter,
        value=value,
        from_=from_,
        document="文件",
        **more,
    )


def day_closed(day: str, cut: dict[str, dict[str, int]] | None = None) -> Raw:
    """A day is closed, with a cut that everything has passed unless one is given."""
    return fact("calendar.day_closed", f"day-{day}", day=day, cut=cut or {})


def year_arranged(
    year: int, holidays: Iterable[str], working_days: Iterable[str] = (), id_: str = "", **more: str
) -> Raw:
    """How the holidays of a year are arranged."""
    return fact(
        "calendar.year_arranged",
        id_ or f"year-{year}",
        year=year,
        holidays=[*holidays],
        working_days=[*working_days],
        document="国办发明电",
        **more,
    )


_VOIDED = {
    *("day", "year", "household_no", "person", "parameter", "payment_no", "custody_no", "petition_no"),
    *("official_no", "appointment_no"),
    *("batch_no", "screening_no", "relief_no", "policy_no", "filing_no"),
    *("clue_no", "call_no", "duty_no", "task_no", "problem_no", "campaign_no", "submission_no"),
}


def void(raw: Raw, *, version: bool = False, id_: str = "") -> Raw:
    """Undo a fact, or with ``version`` only this content of it."""
    context = raw["type"].split(".")[1]
    model = BY_TYPE[f"dibao.{context}.voided.v1"].readable
    data: dict[str, Any] = {
        "source": raw["source"],
        "id": raw["id"],
        "type": raw["type"],
        "reason": "误报",
    } | {name: raw["data"][name] for name in _VOIDED & raw["data"].keys() & model.model_fields.keys()}
    if version:
        data["digest"] = digest_of(raw)
    return fact(f"{context}.voided", id_ or f"void-{raw['id']}-{data.get('digest', '')}", **data)
