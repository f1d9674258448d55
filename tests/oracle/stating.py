"""Facts of invented people, stated in one line each, for the examples of this folder."""

from __future__ import annotations

from itertools import count
from typing import Any

from tests.oracle.facts import Raw

SERIALS = count(1)

WANG = {"name": "王一", "id_number": "500102199209286028"}
LI = {"name": "李二", "id_number": "500102195802153113"}
ZHAO = {"name": "赵三", "id_number": "500102194010139888"}
STRANGER = {"name": "外人甲", "id_number": "500102194301021951"}


def state(kind: str, time: str, data: dict[str, Any], **envelope: str) -> Raw:
    """A structured CloudEvent at nine o'clock of the day `time`, with a serial of its own unless given."""
    context = kind.split(".")[0]
    return {
        "specversion": "1.0",
        "id": f"example-{next(SERIALS):04d}",
        "source": f"/example/{context}",
        "type": f"dibao.{kind}.v1",
        "time": f"{time}T09:00:00+08:00",
        "datacontenttype": "application/json",
        "data": data,
    } | envelope


def account_of(holder: str, number: str = "6217000000000001", **more: Any) -> dict[str, Any]:
    return {"number": number, "holder_name": holder} | more


def enrolled(*people: dict[str, Any], household_no: str = "H1", **data: Any) -> Raw:
    """Decided on 2020-12-20, from 2021-01, 分 90,000 a month, unless said otherwise."""
    stated: dict[str, Any] = {
        "household_no": household_no,
        "programme": "rural_dibao",
        "division": "500102008201",
        "members": [{"person": person, "relation": "家属"} for person in people],
        "account": account_of(people[0]["name"]),
        "from_month": "2021-01",
        "entitlement_fen": 90000,
        "route": "ordinary",
        "decided_on": "2020-12-20",
    } | data
    return state("enrollment.enrolled", stated["decided_on"], stated)


def exited(*people: dict[str, Any], stop_month: str, household_no: str = "H1", **data: Any) -> Raw:
    """The persons leave, or without any the household; decided on the 15th of January 2021 unless said."""
    stated: dict[str, Any] = {
        "household_no": household_no,
        "programme": "rural_dibao",
        "scope": "member" if people else "household",
        "exit_kind": "other",
        "stop_month": stop_month,
        "decided_on": "2021-01-15",
    } | data
    if people:
        stated["members"] = list(people)
    return state("enrollment.exited", stated["decided_on"], stated)


def members_changed(
    from_month: str,
    added: tuple[dict[str, Any], ...] = (),
    removed: tuple[dict[str, Any], ...] = (),
    time: str = "2021-01-15",
    household_no: str = "H1",
    **data: Any,
) -> Raw:
    stated: dict[str, Any] = {
        "household_no": household_no,
        "programme": "rural_dibao",
        "from_month": from_month,
        "added": [{"person": person, "relation": "家属"} for person in added],
        "removed": [{"person": person, "reason": "迁出"} for person in removed],
    }
    return state("enrollment.members_changed", time, stated | data)


def adjusted(from_month: str, entitlement_fen: int, time: str = "2021-01-15", **data: Any) -> Raw:
    stated: dict[str, Any] = {
        "household_no": "H1",
        "programme": "rural_dibao",
        "from_month": from_month,
        "entitlement_fen": entitlement_fen,
        "reason": "提标",
    }
    return state("enrollment.entitlement_adjusted", time, stated | data)


def paid(
    month: str, amount_fen: int = 90000, household_no: str = "H1", holder: str = "王一", **data: Any
) -> Raw:
    """A regular payment on the 25th of its month, to the account of 王一, unless said otherwise."""
    stated: dict[str, Any] = {
        "payment_no": f"P{next(SERIALS):04d}",
        "household_no": household_no,
        "programme": "rural_dibao",
        "month": month,
        "paid_on": month + "-25",
        "amount_fen": amount_fen,
        "kind": "regular",
        "account": account_of(holder),
        "batch_no": "B" + month,
    } | data
    return state("payments.paid", stated["paid_on"], stated)


def returned(payment: Raw, returned_on: str = "2021-06-01") -> Raw:
    copied = {
        name: payment["data"][name]
        for name in ("payment_no", "household_no", "programme", "month", "account")
    }
    return state(
        "payments.returned", returned_on, copied | {"returned_on": returned_on, "reason": "账户已注销"}
    )


def died(person: dict[str, Any], died_on: str) -> Raw:
    stated = {"person": person, "died_on": died_on, "registered_on": died_on, "registry": "殡仪馆"}
    return state("vitals.died", died_on, stated)


def granted(time: str = "2020-12-01", **data: Any) -> Raw:
    """A custody of 王一's card by 外人甲, valid throughout 2021, in order, unless said otherwise."""
    stated: dict[str, Any] = {
        "custody_no": "C1",
        "household_no": "H1",
        "beneficiary": WANG,
        "custodian": STRANGER,
        "custodian_kind": "relative",
        "account_number": "6217000000000001",
        "agreement_no": "DG-1",
        "filed_on": "2020-12-01",
        "valid_from": "2020-12-01",
        "valid_to": "2021-12-31",
    }
    return state("custody.granted", time, stated | data)


def custody_ended(ended_on: str) -> Raw:
    stated = {"custody_no": "C1", "household_no": "H1", "ended_on": ended_on, "reason": "自理能力恢复"}
    return state("custody.ended", ended_on, stated)


def adopted(parameter: str, value: float, from_: str = "2018-01-01", **scope: str) -> Raw:
    stated: dict[str, Any] = {"parameter": parameter, "value": value, "from": from_, "document": "57号"}
    return state("policy.adopted", from_, stated | ({"scope": scope} if scope else {}))


def filed(petition_no: str, filed_on: str, kind: str = "complaint", **data: Any) -> Raw:
    stated: dict[str, Any] = {
        "petition_no": petition_no,
        "petitioner": WANG,
        "division": "500102008201",
        "filed_on": filed_on,
        "channel": "来访",
        "kind": kind,
        "matter_code": "M01",
        "matter": "反映低保发放问题",
    }
    return state("petitions.filed", filed_on, stated | data)


def closed(petition_no: str, closed_on: str, outcome: str) -> Raw:
    stated = {"petition_no": petition_no, "closed_on": closed_on, "outcome": outcome}
    return state("petitions.closed", closed_on, stated)


def filed_kin(filing_no: str = "K1", declared_on: str = "2021-02-01", **data: Any) -> Raw:
    """赵三, of the village committee, files that 王一, a sibling, receives; unless said otherwise."""
    stated: dict[str, Any] = {
        "filing_no": filing_no,
        "household_no": "H1",
        "programme": "rural_dibao",
        "official": ZHAO,
        "official_no": "GZ0021",
        "official_kind": "village_committee",
        "post": "村委会委员",
        "relative": WANG,
        "relation": "sibling",
        "declared_on": declared_on,
    }
    return state("kinship.declared", declared_on, stated | data)


def reviewed_kin(filing_no: str = "K1", reviewed_on: str = "2021-03-01", **data: Any) -> Raw:
    stated: dict[str, Any] = {
        "filing_no": filing_no,
        "household_no": "H1",
        "reviewed_on": reviewed_on,
        "reviewers": ["GZ0001", "GZ0003"],
        "visited": True,
        "outcome": "lawful",
    }
    return state("kinship.reviewed", reviewed_on, stated | data)


def relieved(granted_on: str, cause: str = "epidemic", **data: Any) -> Raw:
    """Temporary relief for 王一, who belongs to no household, unless said otherwise."""
    stated: dict[str, Any] = {
        "relief_no": f"R{next(SERIALS):04d}",
        "person": WANG,
        "division": "500102008201",
        "cause": cause,
        "amount_fen": 100000,
        "granted_on": granted_on,
    }
    return state("relief.granted", granted_on, stated | data)


def clue(clue_no: str, received_on: str, track: str = "civil_affairs", **data: Any) -> Raw:
    """Reported by somebody without a name, in the village 500102008201, unless said otherwise."""
    stated: dict[str, Any] = {
        "clue_no": clue_no,
        "track": track,
        "origin": "reported",
        "kind": "favouritism",
        "received_on": received_on,
        "named": False,
        "content": "反映优亲厚友",
        "division": "500102008201",
    }
    return state("clues.received", received_on, stated | data)


def verified(clue_no: str, verified_on: str, result: str = "substantiated") -> Raw:
    stated = {"clue_no": clue_no, "verified_on": verified_on, "verified_by": "社保所", "result": result}
    return state("clues.verified", verified_on, stated)


def transferred(clue_no: str, transferred_on: str, *cadres: dict[str, Any], **data: Any) -> Raw:
    stated: dict[str, Any] = {
        "clue_no": clue_no,
        "transferred_on": transferred_on,
        "to_body": "街道纪工委",
        "cadres": list(cadres),
    }
    return state("clues.transferred", transferred_on, stated | data)


def taken_over(clue_no: str, taken_over_on: str) -> Raw:
    stated = {
        "clue_no": clue_no,
        "own_no": f"JW-{clue_no}",
        "taken_over_on": taken_over_on,
        "body": "街道纪工委",
    }
    return state("clues.taken_over", taken_over_on, stated)


def case_opened(clue_no: str, case_no: str, opened_on: str) -> Raw:
    stated = {"clue_no": clue_no, "case_no": case_no, "opened_on": opened_on, "body": "街道纪工委"}
    return state("clues.case_opened", opened_on, stated)


def held_accountable(clue_no: str, person: dict[str, Any], decided_on: str) -> Raw:
    stated = {
        "clue_no": clue_no,
        "person": person,
        "decided_on": decided_on,
        "authority": "街道纪工委",
        "measure": "warning",
        "intent": False,
        "basis": "纪律处分条例",
    }
    return state("clues.held_accountable", decided_on, stated)


def called(call_no: str = "RX1", called_at: str = "2021-03-01T09:12:30+08:00", **data: Any) -> Raw:
    """王一 asks something and is heard, in the village 500102008201, unless said otherwise."""
    stated: dict[str, Any] = {
        "call_no": call_no,
        "division": "500102008201",
        "line": "社会救助服务热线",
        "called_at": called_at,
        "picked_up": True,
        "caller": WANG,
        "matter_code": "M05",
    }
    return state("hotline.called", called_at[:10], stated | data)


def call_answered(call_no: str = "RX1", answered_at: str = "2021-03-03T10:00:00+08:00", **data: Any) -> Raw:
    stated = {"call_no": call_no, "answered_at": answered_at, "called_back": False, "resolved": True}
    return state("hotline.answered", answered_at[:10], stated | data)


def problem(problem_no: str, found_on: str, task_class: str = "payments", **data: Any) -> Raw:
    """A problem of nobody's household, unless said otherwise."""
    stated = {
        "problem_no": problem_no,
        "stage": "distribution",
        "task_class": task_class,
        "division": "500102008201",
        "found_on": found_on,
        "found_by": "社保所",
        "description": "发放对象有误",
    } | data
    return state("campaign.problem_found", found_on, stated)


def rectified(problem_no: str, rectified_on: str, **data: Any) -> Raw:
    """Corrected, with evidence."""
    stated = {
        "problem_no": problem_no,
        "rectified_on": rectified_on,
        "measure": "corrected",
        "evidence": "更正通知书",
        "confirmed_by": "GZ0001",
    } | data
    return state("campaign.problem_rectified", rectified_on, stated)


def rechecked(problem_no: str, rechecked_on: str, result: str = "holds") -> Raw:
    """Drawn at random."""
    stated = {"problem_no": problem_no, "rechecked_on": rechecked_on, "drawn": True, "result": result}
    return state("campaign.problem_rechecked", rechecked_on, stated)


def care(kind: str, day: str, person: dict[str, Any], household_no: str = "T1", **data: Any) -> Raw:
    """A step of the care for a person (``admitted``), on a day."""
    steps: dict[str, dict[str, Any]] = {
        "central_demanded": {"demanded_on": day, "self_care": "partial"},
        "admitted": {"admitted_on": day, "institution": "白涛敬老院"},
        "discharged": {"discharged_on": day, "institution": "白涛敬老院", "cause": "own_wish"},
        "dispersed_care_begun": {"begun_on": day, "self_care": "none"},
        "care_agreement_signed": {
            "agreement_no": "照料1号",
            "carer": ZHAO,
            "carer_kind": "neighbour",
            "signed_on": day,
            "valid_from": day,
            "valid_to": "2022-12-31",
        },
    }
    place: dict[str, Any] = {"household_no": household_no, "person": person, "division": "500102008201"}
    return state(f"tekun.{kind}", day, place | steps[kind] | data)


def voided(fact: Raw, time: str = "2021-12-01", **more: str) -> Raw:
    context = fact["type"].split(".")[1]
    named = {"source": fact["source"], "id": fact["id"], "type": fact["type"], "reason": "录入错误"}
    return state(f"{context}.voided", time, named | more)


def with_data(fact: Raw, **data: Any) -> Raw:
    """The same source and id with other content."""
    return fact | {"data": fact["data"] | data}
