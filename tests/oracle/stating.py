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


def checked(anomaly_id: str, checked_on: str, outcome: str = "confirmed") -> Raw:
    stated = {"anomaly_id": anomaly_id, "checked_on": checked_on, "outcome": outcome}
    return state("campaign.anomaly_checked", checked_on, stated)


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


def recovered(amount_fen: int, recovered_on: str, cause: str = "death", **data: Any) -> Raw:
    """Money that came back from the household H1, unless said otherwise."""
    stated: dict[str, Any] = {
        "recovery_no": f"ZH{next(SERIALS):04d}",
        "household_no": "H1",
        "programme": "rural_dibao",
        "from_month": "2021-04",
        "to_month": "2021-05",
        "recovered_on": recovered_on,
        "method": "deduction",
        "amount_fen": amount_fen,
        "cause": cause,
    }
    return state("payments.recovered", recovered_on, stated | data)


def applied(application_no: str = "SQ1", applied_on: str = "2020-11-03", **data: Any) -> Raw:
    """王一 applies for two persons at the window, unless said otherwise."""
    stated: dict[str, Any] = {
        "application_no": application_no,
        "household_no": "H1",
        "programme": "rural_dibao",
        "division": "500102008201",
        "applicant": WANG,
        "person_count": 2,
        "applied_on": applied_on,
        "channel": "window",
        "kin_of_official": False,
        "delegated": True,
    }
    return state("enrollment.applied", applied_on, stated | data)


def investigated(kind: str, investigated_on: str, application_no: str = "SQ1", **data: Any) -> Raw:
    stated: dict[str, Any] = {
        "application_no": application_no,
        "household_no": "H1",
        "programme": "rural_dibao",
        "kind": kind,
        "investigated_on": investigated_on,
        "investigators": ["GZ0003", "GZ0011"],
        "result": "eligible",
    }
    return state("enrollment.investigated", investigated_on, stated | data)


def publicised(stage: str, posted_on: str, application_no: str = "SQ1", **data: Any) -> Raw:
    stated: dict[str, Any] = {
        "application_no": application_no,
        "household_no": "H1",
        "programme": "rural_dibao",
        "stage": stage,
        "posted_on": posted_on,
        "place": "村公示栏",
        "objections": 0,
    }
    return state("enrollment.publicised", posted_on, stated | data)


def refused(refused_on: str, application_no: str = "SQ1", **data: Any) -> Raw:
    stated: dict[str, Any] = {
        "application_no": application_no,
        "household_no": "H1",
        "programme": "rural_dibao",
        "refused_on": refused_on,
        "ground": "property",
        "reason": "名下有营运车辆",
    }
    return state("enrollment.refused", refused_on, stated | data)


def gone_over(checked_on: str, household_no: str = "H1", **data: Any) -> Raw:
    """A household's check in the review of all who receive: nothing found, unless said otherwise."""
    stated: dict[str, Any] = {
        "screening_no": f"QC{next(SERIALS):04d}",
        "household_no": household_no,
        "programme": "rural_dibao",
        "checked_on": checked_on,
        "checkers": ["GZ0003"],
        "person_count": 2,
        "entitlement_fen": 54000,
        "comparison": "consistent",
        "conclusion": "eligible",
    }
    return state("screening.household_checked", checked_on, stated | data)


def money(kind: str, day: str, **data: Any) -> Raw:
    """A step of the money's way (``allocated``), on a day."""
    month: dict[str, Any] = {"programme": "rural_dibao", "month": "2021-06", "bank": "邮储银行"}
    year: dict[str, Any] = {
        "programme": "rural_dibao",
        "year": 2021,
        "amount_fen": 42000000,
        "document": "4号",
    }
    steps: dict[str, dict[str, Any]] = {
        "raised": year | {"fund_no": "ZJ1", "level": "municipal", "raised_on": day},
        "allocated": year
        | {"allocation_no": "FP1", "fund_no": "ZJ1", "to_division": "500102008000", "allocated_on": day},
        "appropriated": month
        | {"appropriation_no": "BF1", "allocation_no": "FP1", "amount_fen": 3310000, "appropriated_on": day},
        "batch_submitted": month
        | {
            "batch_no": "PC1",
            "decided_on": "2021-06-15",
            "entered_on": "2021-06-20",
            "audited_on": "2021-06-23",
            "to_finance_on": "2021-06-24",
            "to_bank_on": day,
            "household_count": 71,
            "person_count": 118,
            "amount_fen": 3310000,
        },
        "batch_settled": month
        | {
            "batch_no": "PC1",
            "settled_on": day,
            "paid_count": 70,
            "paid_fen": 3256000,
            "failed_count": 1,
            "failed_fen": 54000,
        },
    }
    return state(f"funds.{kind}", day, steps[kind] | data)


def exempted(clue_no: str, person: dict[str, Any], decided_on: str) -> Raw:
    stated: dict[str, Any] = {
        "clue_no": clue_no,
        "person": person,
        "decided_on": decided_on,
        "authority": "街道纪工委",
        "grounds": ["objective_cause"],
        "basis": "容错纠错实施办法",
        "reason": "受疫情封控影响",
    }
    return state("clues.exempted", decided_on, stated)


def campaigned(kind: str, day: str, **data: Any) -> Raw:
    """Something done in the campaign (``visited``), or how far it has come, on a day."""
    things: dict[str, dict[str, Any]] = {
        "opened": {
            "title": "巩固提升行动",
            "document": "实施方案",
            "issued_on": day,
            "issued_by": "街道办事处",
            "lead_office": "社保所",
        },
        "task_assigned": {
            "task_no": "RW1",
            "task_class": "payments",
            "assigned_to": "枫香村",
            "division": "500102008201",
            "assigned_on": day,
            "due_on": "2021-08-31",
            "title": "核对发放台账",
        },
        "task_reported": {"task_no": "RW1", "reported_on": day, "progress": 60, "done": False},
        "visited": {
            "visit_no": "DD1",
            "kind": "on_the_spot",
            "division": "500102008201",
            "visited_on": day,
            "visitors": ["GZ0001"],
        },
        "ledger_submitted": {
            "submission_no": "BS1",
            "division": "500102008201",
            "ledger": "payments",
            "quarter": "2021-Q3",
            "submitted_on": day,
            "row_count": 4,
            "signed_by": "GZ0021",
        },
        "project_started": {
            "project_no": "XM1",
            "title": "代办点进村",
            "owner": "GZ0003",
            "started_on": day,
            "due_on": "2021-10-31",
        },
        "project_reported": {"project_no": "XM1", "reported_on": day, "progress": 100, "done": True},
    }
    campaign = {} if kind == "project_reported" else {"campaign_no": "ZX1"}
    return state(f"campaign.{kind}", day, campaign | things[kind] | data)


def appointed(appointment_no: str = "RM1", appointed_on: str = "2020-05-06", **data: Any) -> Raw:
    """赵三 of the village committee, a member of the leading group, unless said otherwise."""
    stated: dict[str, Any] = {
        "appointment_no": appointment_no,
        "official_no": "GZ0021",
        "person": ZHAO,
        "body": "枫香村村民委员会",
        "post": "村委会委员",
        "kind": "village_committee",
        "group_role": "member",
        "appointed_on": appointed_on,
        "document": "荔枝委〔2020〕19号",
    }
    return state("officials.appointed", appointed_on, stated | data)


def left_post(left_on: str, appointment_no: str = "RM1", cause: str = "resigned") -> Raw:
    stated = {"appointment_no": appointment_no, "official_no": "GZ0021", "left_on": left_on, "cause": cause}
    return state("officials.left", left_on, stated)


def issued(policy_no: str = "ZC1", from_: str = "2020-03-20", **data: Any) -> Raw:
    stated: dict[str, Any] = {
        "policy_no": policy_no,
        "title": "受疫情影响困难群众临时救助",
        "document": "渝民〔2020〕31号",
        "issued_by": "市民政局",
        "from": from_,
        "to": "2021-12-31",
        "gives": "temporary_relief",
        "conditions": ["未参加失业保险"],
    }
    return state("policy.issued", from_, stated | data)


def screened(kind: str, day: str, screening_no: str = "MP1", **data: Any) -> Raw:
    """A step of the screening of 王一 (``listed``), on a day."""
    steps: dict[str, dict[str, Any]] = {
        "listed": {
            "person": WANG,
            "division": "500102008201",
            "category": "severe_illness",
            "listed_on": day,
            "list_name": "防返贫监测",
        },
        "visited": {"visited_on": day, "visitors": ["GZ0011"], "met": True},
        "assessed": {
            "assessed_on": day,
            "labour": "none",
            "earning": "none",
            "relapse_risk": "high",
            "per_capita_income_fen": 38000,
            "income_change_fen": -52000,
            "expense_change_fen": 160000,
        },
        "concluded": {"concluded_on": day, "outcome": "rural_dibao", "application_no": "SQ1"},
    }
    return state(f"screening.{kind}", day, {"screening_no": screening_no} | steps[kind] | data)


def designed(designed_on: str = "2021-10-08", **data: Any) -> Raw:
    stated: dict[str, Any] = {
        "survey_no": "MYD1",
        "title": "群众满意度调查",
        "surveyor": "渝信调查公司",
        "frame": 1200,
        "sample": 120,
        "seed": 20211008,
        "designed_on": designed_on,
        "questions": [{"question_no": "Q1", "wording": "办理是否及时"}],
    }
    return state("survey.designed", designed_on, stated | data)


def surveyed(answer_no: str = "D1", answered_on: str = "2021-10-20", **data: Any) -> Raw:
    """王一 answers, satisfied, unless said otherwise."""
    stated: dict[str, Any] = {
        "survey_no": "MYD1",
        "answer_no": answer_no,
        "division": "500102008201",
        "person": WANG,
        "answered_on": answered_on,
        "result": "answered",
        "satisfaction": "satisfied",
    }
    return state("survey.answered", answered_on, stated | data)


def voided(fact: Raw, time: str = "2021-12-01", **more: Any) -> Raw:
    context = fact["type"].split(".")[1]
    named = {"source": fact["source"], "id": fact["id"], "type": fact["type"], "reason": "录入错误"}
    return state(f"{context}.voided", time, named | more)


def with_data(fact: Raw, **data: Any) -> Raw:
    """The same source and id with other content."""
    return fact | {"data": fact["data"] | data}
