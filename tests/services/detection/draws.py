"""Facts of every type that rules read, drawn at random over a village so small that they concern one another.

Numbers of a thing that several facts describe say the same of it where the contract wants that: a post is one
person's, a comparison is of one day.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from services.detection.policy import Parameter
from services.detection.rules import ALL
from tests.services.detection.upstream import (
    Raw,
    adopted,
    custody_ended,
    day_closed,
    died,
    enrolled,
    exited,
    fact,
    granted,
    paid,
    person_of,
    returned,
    year_arranged,
)

HOUSEHOLDS = ("H1", "H2", 'H"3\\{}')
PEOPLE = ("张三", "李四", "王 五", "王五", "陈升", "陈昇", "司馬光")
NUMBERS = ("6217000000000001", "6217000000000002")
MONTHS = tuple(f"2021-{month:02d}" for month in range(1, 7))
PROGRAMMES = ("rural_dibao", "rural_dibao", "tekun")
VILLAGES = ("500102008202", "500102008203")
SCOPES: tuple[dict[str, str], ...] = (
    {},
    {"programme": "rural_dibao"},
    {"division_prefix": "500102008"},
    {"division_prefix": "500102008203"},
)
POSTS = {"A1": ("O1", "张三"), "A2": ("O2", "李四"), "A3": ("O3", "张三"), "A4": ("O1", "张三")}
"""Whose each appointment is, by which number on the roster; one of them has two."""

COMPARED_ON = {"BD1": "2021-02-15", "BD2": "2021-03-01"}
LINE = "社会救助服务热线"

_KNOWN = (*PEOPLE[:3], *PEOPLE[:3], *PEOPLE)
"""Some are named more often than others, so that what is said of somebody comes together."""

CARDS = ("C1", "C2", "C3")

Make = Callable[[random.Random, int], Raw]
"""A fact of a type, of which nothing else is known but the number that makes its id one of its own."""


def day_of(chance: random.Random) -> str:
    """Return a day of half a year: few enough of them that limits are met exactly."""
    return f"{chance.choice(MONTHS)}-{chance.choice((1, 5, 6, 15, 28)):02d}"


def days_after(day: str, count: int) -> str:
    """Return a day by its distance from another one."""
    return (date.fromisoformat(day) + timedelta(days=count)).isoformat()


def perhaps(chance: random.Random, value: Any, share: float = 0.5) -> Any:
    """Return a value, or None as often as the share leaves."""
    return value if chance.random() < share else None


def _on(chance: random.Random, type_: str, number: int, field: str = "", day: str = "", **data: Any) -> Raw:
    """Return a fact that happened on some day, which a field says too; what is None is not said."""
    day = day or day_of(chance)
    said = {name: value for name, value in data.items() if value is not None}
    if field:
        said[field] = day
    hour = chance.choice(("00:30", "09:00", "23:30"))
    return fact(type_, f"{type_}-{number}", f"{day}T{hour}:00+08:00", **said)


def _person(chance: random.Random) -> dict[str, str]:
    return person_of(chance.choice(_KNOWN))


# --- enrolment and payments ---


def _enrolled(chance: random.Random, number: int) -> Raw:
    names = chance.sample(chance.choice((PEOPLE, PEOPLE[:4])), k=chance.randint(1, 3))
    members = [
        {"person": person_of(name), "relation": "成员"}
        | ({"entitlement_fen": chance.choice((9000, 11000))} if chance.random() < 0.4 else {})
        for name in names
    ]
    application_no = perhaps(chance, chance.choice(("SQ1", "SQ2")), 0.4)
    return enrolled(
        chance.choice(HOUSEHOLDS),
        *names,
        from_month=chance.choice(MONTHS[:4]),
        fen=chance.choice((20000, 30001)),
        id_=f"enrolled-{number}",
        members=members,
        programme=chance.choice(PROGRAMMES),
        division=chance.choice(VILLAGES),
        decided_on=chance.choice((f"2020-12-{chance.randint(1, 28):02d}", day_of(chance))),
        **({} if application_no is None else {"application_no": application_no}),
    )


def _members_changed(chance: random.Random, number: int) -> Raw:
    names = chance.sample(PEOPLE, k=2)
    adds = chance.random() < 0.6
    removes = not adds or chance.random() < 0.5
    return fact(
        "enrollment.members_changed",
        f"changed-{number}",
        f"2021-0{chance.randint(1, 6)}-03T00:30:00+08:00",
        household_no=chance.choice(HOUSEHOLDS),
        programme=chance.choice(PROGRAMMES),
        from_month=chance.choice(MONTHS),
        added=[{"person": person_of(names[0]), "relation": "成员"}] if adds else [],
        removed=[{"person": person_of(names[1]), "reason": "迁出"}] if removes else [],
        **({"entitlement_fen": 15000} if chance.random() < 0.5 else {}),
    )


def _adjusted(chance: random.Random, number: int) -> Raw:
    components = [{"person": _person(chance), "entitlement_fen": 8000}]
    more: dict[str, Any] = {"components": components} if chance.random() < 0.4 else {}
    return fact(
        "enrollment.entitlement_adjusted",
        f"adjusted-{number}",
        household_no=chance.choice(HOUSEHOLDS),
        programme=chance.choice(PROGRAMMES),
        from_month=chance.choice(MONTHS),
        entitlement_fen=chance.choice((10000, 40000)),
        reason="提标",
        **more,
    )


def _exited(chance: random.Random, number: int) -> Raw:
    names = chance.sample(PEOPLE, k=chance.choice((0, 0, 1, 2)))
    found_on = perhaps(chance, day_of(chance), 0.3)
    return exited(
        chance.choice(HOUSEHOLDS),
        chance.choice(MONTHS),
        *names,
        id_=f"exited-{number}",
        programme=chance.choice(PROGRAMMES),
        exit_kind=chance.choice(("other", "policy", "death")),
        decided_on=day_of(chance),
        **({} if found_on is None else {"found_on": found_on}),
    )


def _paid(chance: random.Random, number: int) -> Raw:
    month = chance.choice(MONTHS)
    return paid(
        chance.choice(HOUSEHOLDS),
        month,
        chance.choice((*PEOPLE, "王　五", "养老院")),
        chance.choice((10000, 20000, 30001, 60000)),
        no=f"P{number}",
        number=chance.choice(NUMBERS),
        institution=chance.random() < 0.15,
        kind=chance.choice(("regular", "regular", "regular", "arrears", "one_off")),
        programme=chance.choice(PROGRAMMES),
        paid_on=f"{chance.choice(MONTHS)}-{chance.choice((5, 25)):02d}",
    )


def _returned(chance: random.Random, number: int) -> Raw:
    # Its household may well be another than the payment's: the payment's number is what counts.
    raw = returned(
        f"P{chance.randint(2, 30)}", chance.choice(HOUSEHOLDS), chance.choice(MONTHS), chance.choice(PEOPLE)
    )
    return raw | {"id": f"returned-{number}"}


def _recovered(chance: random.Random, number: int) -> Raw:
    first, last = sorted(chance.choices(MONTHS, k=2))
    return _on(
        chance,
        "payments.recovered",
        number,
        "recovered_on",
        recovery_no=f"ZH{chance.randint(1, 3)}",
        household_no=chance.choice(HOUSEHOLDS),
        programme=chance.choice(PROGRAMMES),
        from_month=first,
        to_month=last,
        amount_fen=chance.choice((10000, 20000)),
        cause=chance.choice(("death", "death", "overpaid")),
        method="cash",
    )


def _died(chance: random.Random, number: int) -> Raw:
    return died(
        chance.choice(PEOPLE),
        f"{chance.choice(('2020-12', *MONTHS[:4]))}-{chance.randint(1, 28):02d}",
        id_=f"died-{number}",
    )


# --- who asks, who is looked at again ---


def _of_application(chance: random.Random) -> dict[str, Any]:
    return {
        "application_no": chance.choice(("SQ1", "SQ2")),
        "household_no": chance.choice(HOUSEHOLDS),
        "programme": chance.choice((*PROGRAMMES, "temporary_relief")),
    }


def _applied(chance: random.Random, number: int) -> Raw:
    return _on(
        chance,
        "enrollment.applied",
        number,
        "applied_on",
        **_of_application(chance),
        division=chance.choice(VILLAGES),
        applicant=_person(chance),
        person_count=1,
        channel="window",
        kin_of_official=chance.random() < 0.4,
        delegated=perhaps(chance, True, 0.3),
    )


def _investigated(chance: random.Random, number: int) -> Raw:
    kinds = ("household_visit", "neighbourhood", "information_check")
    return _on(
        chance,
        "enrollment.investigated",
        number,
        "investigated_on",
        **_of_application(chance),
        kind=chance.choice(kinds),
        result=chance.choice(("eligible", "doubtful")),
    )


def _publicised(chance: random.Random, number: int) -> Raw:
    posted_on = day_of(chance)
    return _on(
        chance,
        "enrollment.publicised",
        number,
        "posted_on",
        posted_on,
        **_of_application(chance),
        stage=chance.choice(("review", "review", "decision")),
        removed_on=perhaps(chance, days_after(posted_on, chance.choice((3, 7, 10)))),
        place="公示栏",
    )


def _refused(chance: random.Random, number: int) -> Raw:
    return _on(
        chance,
        "enrollment.refused",
        number,
        "refused_on",
        **_of_application(chance),
        ground="income",
        reason="收入超标",
        notified_on=perhaps(chance, day_of(chance)),
    )


def _compared(chance: random.Random, number: int) -> Raw:
    comparison_no = chance.choice([*COMPARED_ON])
    review = chance.choice(("pending", "confirmed", "excluded"))
    return _on(
        chance,
        "enrollment.compared",
        number,
        comparison_no=comparison_no,
        household_no=chance.choice(HOUSEHOLDS),
        person=_person(chance),
        compared_on=COMPARED_ON[comparison_no],
        compared_with="车辆",
        item="vehicle",
        hit=chance.random() < 0.7,
        review=review,
        reviewed_on=None if review == "pending" else perhaps(chance, day_of(chance), 0.8),
    )


def _reviewed(chance: random.Random, number: int) -> Raw:
    return _on(
        chance,
        "enrollment.reviewed",
        number,
        "reviewed_on",
        review_no=f"FH{chance.randint(1, 20)}",
        household_no=chance.choice(HOUSEHOLDS),
        programme=chance.choice(PROGRAMMES),
        kind=chance.choice(("periodic", "periodic", "follow_up")),
        income_class=perhaps(chance, chance.choice(("stable", "unstable"))),
        outcome=chance.choice(("continue", "stop")),
    )


def _grace_granted(chance: random.Random, number: int) -> Raw:
    first, last = sorted(chance.choices(MONTHS, k=2))
    return _on(
        chance,
        "enrollment.grace_granted",
        number,
        "decided_on",
        household_no=chance.choice(HOUSEHOLDS),
        programme=chance.choice(PROGRAMMES),
        from_month=first,
        to_month=last,
        cause="employment",
    )


# --- who is who ---


def _corrected(chance: random.Random, number: int) -> Raw:
    old, new = chance.sample(PEOPLE, k=2)
    return _on(
        chance,
        "identity.corrected",
        number,
        "corrected_on",
        person=person_of(old),
        corrected=person_of(new),
        ground="two_numbers",
    )


def _merged(chance: random.Random, number: int) -> Raw:
    kept, *gone = chance.sample(HOUSEHOLDS, k=2)
    return _on(
        chance, "identity.households_merged", number, "merged_on", household_no=kept, merged=list(gone)
    )


def _divided(chance: random.Random, number: int) -> Raw:
    parts = chance.sample((*HOUSEHOLDS, "H4"), k=2)
    return _on(
        chance,
        "identity.household_split",
        number,
        "split_on",
        household_no=chance.choice(HOUSEHOLDS),
        parts=[{"household_no": part, "members": [_person(chance)]} for part in parts],
    )


def _moved(chance: random.Random, number: int) -> Raw:
    return _on(
        chance,
        "identity.household_moved",
        number,
        "moved_on",
        household_no=chance.choice(HOUSEHOLDS),
        from_division="500102008202",
        division=chance.choice((*VILLAGES, "500102009203")),
    )


# --- officials, their kin, cards in other hands ---


def _appointed(chance: random.Random, number: int) -> Raw:
    appointment_no = chance.choice([*POSTS])
    official_no, name = POSTS[appointment_no]
    return _on(
        chance,
        "officials.appointed",
        number,
        "appointed_on",
        chance.choice(("2020-06-01", day_of(chance))),
        appointment_no=appointment_no,
        official_no=official_no,
        person=person_of(name),
        body="村委会",
        post="委员",
        kind="village_committee",
    )


def _left(chance: random.Random, number: int) -> Raw:
    appointment_no = chance.choice([*POSTS])
    official_no, name = POSTS[appointment_no]
    return _on(
        chance,
        "officials.left",
        number,
        "left_on",
        appointment_no=appointment_no,
        official_no=official_no,
        person=perhaps(chance, person_of(name)),
        cause="term_ended",
    )


def _declared(chance: random.Random, number: int) -> Raw:
    return _on(
        chance,
        "kinship.declared",
        number,
        "declared_on",
        filing_no=chance.choice(("Q1", "Q2")),
        household_no=chance.choice(HOUSEHOLDS),
        programme=chance.choice(PROGRAMMES),
        official=person_of(chance.choice(PEOPLE[:3])),
        official_no=perhaps(chance, chance.choice(("O1", "O2", "O3")), 0.3),
        official_kind="village_committee",
        post="村委会委员",
        relative=_person(chance),
        relation="parent",
    )


def _kin_reviewed(chance: random.Random, number: int) -> Raw:
    return _on(
        chance,
        "kinship.reviewed",
        number,
        "reviewed_on",
        filing_no=chance.choice(("Q1", "Q2")),
        household_no=chance.choice(HOUSEHOLDS),
        visited=chance.random() < 0.6,
        outcome=chance.choice(("lawful", "not_related")),
    )


_CUSTODIANS = (*PEOPLE[:2] * 4, *PEOPLE)


def _granted(chance: random.Random, number: int) -> Raw:
    first, last = sorted(chance.sample(range(1, 7), k=2))
    raw = granted(
        chance.choice(CARDS),
        chance.choice(HOUSEHOLDS),
        chance.choice(_KNOWN),
        chance.choice(_CUSTODIANS),
        id_=f"granted-{number}",
        custodian_kind=chance.choice(("relative", "relative", "village_official", "institution")),
        account_number=chance.choice(NUMBERS),
        agreement_no=chance.choice((None, "协1", "协1")),
        filed_on=chance.choice((None, "2021-01-01", "2021-01-01")),
        valid_from=f"2021-0{first}-01",
        valid_to=f"2021-0{last}-15",
    )
    return raw | {"time": f"{chance.choice(('2020-12-28', day_of(chance)))}T09:00:00+08:00"}


def _handed_over(chance: random.Random, number: int) -> Raw:
    return _on(
        chance,
        "custody.handed_over",
        number,
        "handed_over_on",
        custody_no=chance.choice(CARDS),
        household_no=chance.choice(HOUSEHOLDS),
        direction=chance.choice(("to_successor", "to_successor", "to_beneficiary")),
        from_person=_person(chance),
        to_person=person_of(chance.choice(_CUSTODIANS)),
        custodian_kind=perhaps(chance, chance.choice(("relative", "village_official", "institution"))),
    )


def _agreement_filed(chance: random.Random, number: int) -> Raw:
    day = day_of(chance)
    return _on(
        chance,
        "custody.agreement_filed",
        number,
        "filed_on",
        day,
        custody_no=chance.choice(CARDS),
        household_no=chance.choice(HOUSEHOLDS),
        agreement_no="协2",
        signed_on=day,
        filed_with=chance.choice(("village", "township", "county")),
    )


def _checked(chance: random.Random, number: int) -> Raw:
    return _on(
        chance,
        "custody.checked",
        number,
        "checked_on",
        custody_no=chance.choice(CARDS),
        household_no=chance.choice(HOUSEHOLDS),
        card_present=True,
        withdrawals_explained=True,
        result="in_order",
    )


def _custody_ended(chance: random.Random, number: int) -> Raw:
    raw = custody_ended(chance.choice(CARDS), chance.choice(HOUSEHOLDS), f"{chance.choice(MONTHS)}-10")
    return raw | {"id": f"ended-{number}"}


# --- petitions, clues, the hotline ---


def _filed(chance: random.Random, number: int) -> Raw:
    return _on(
        chance,
        "petitions.filed",
        number,
        "filed_on",
        petition_no=chance.choice(("XF1", "XF2", "XF3")),
        petitioner=perhaps(chance, person_of(chance.choice(PEOPLE[:3]))),
        household_no=perhaps(chance, chance.choice(HOUSEHOLDS)),
        division=chance.choice(VILLAGES),
        channel="来访",
        kind="request",
        matter_code=chance.choice(("1", "2")),
        matter="求助",
    )


def _accepted(chance: random.Random, number: int) -> Raw:
    day = day_of(chance)
    return _on(
        chance,
        "petitions.accepted",
        number,
        "accepted_on",
        day,
        petition_no=chance.choice(("XF1", "XF2", "XF3")),
        handled_by="社保所",
        due_on=days_after(day, chance.choice((15, 60, 90))),
    )


def _transferred(chance: random.Random, number: int) -> Raw:
    return _on(
        chance,
        "petitions.transferred",
        number,
        "transferred_on",
        petition_no=chance.choice(("XF1", "XF2", "XF3")),
        from_body="街道",
        to_body="社保所",
    )


def _answered(chance: random.Random, number: int) -> Raw:
    return _on(
        chance,
        "petitions.answered",
        number,
        "answered_on",
        petition_no=chance.choice(("XF1", "XF2", "XF3")),
        answered_by="社保所",
        answer="答复",
        stage=chance.choice((None, "first", "review")),
    )


def _closed(chance: random.Random, number: int) -> Raw:
    return _on(
        chance,
        "petitions.closed",
        number,
        "closed_on",
        f"2021-0{chance.randint(3, 5)}-15",
        petition_no=chance.choice(("XF1", "XF2", "XF3")),
        outcome=chance.choice(("settled", "settled", "not_settled", "withdrawn")),
        evidence=perhaps(chance, "回执"),
        closed_by=perhaps(chance, chance.choice(("O1", "O2", "O3")), 0.8),
        confirmed_by=perhaps(chance, chance.choice(("O1", "O2", "O3")), 0.8),
    )


def _clue_received(chance: random.Random, number: int) -> Raw:
    official_no = perhaps(chance, chance.choice(("O1", "O2")))
    concerned: dict[str, Any] = {"person": _person(chance), "cadre": chance.random() < 0.3}
    if official_no is not None:
        concerned["official_no"] = official_no
    return _on(
        chance,
        "clues.received",
        number,
        "received_on",
        clue_no=chance.choice(("X1", "X2")),
        track=chance.choice(("civil_affairs", "civil_affairs", "discipline")),
        origin="reported",
        kind="favouritism",
        named=chance.random() < 0.5,
        concerned=[concerned],
        household_no=perhaps(chance, chance.choice(HOUSEHOLDS), 0.3),
        petition_no=perhaps(chance, "XF1", 0.3),
        content="内容",
    )


def _clue_verified(chance: random.Random, number: int) -> Raw:
    return _on(
        chance,
        "clues.verified",
        number,
        "verified_on",
        clue_no=chance.choice(("X1", "X2")),
        verified_by="民政局",
        result=chance.choice(("substantiated", "partly", "unsubstantiated")),
        informant_answered_on=perhaps(chance, day_of(chance)),
    )


def _clue_transferred(chance: random.Random, number: int) -> Raw:
    return _on(
        chance,
        "clues.transferred",
        number,
        "transferred_on",
        clue_no=chance.choice(("X1", "X2")),
        to_body="纪委",
    )


_HOURS = ("08:30", "12:00", "17:30", "23:30")


def _rostered(chance: random.Random, number: int) -> Raw:
    begins = day_of(chance)
    ends = days_after(begins, chance.choice((1, 2, 40)))
    hour = chance.choice(_HOURS)
    raw = fact(
        "hotline.rostered",
        f"rostered-{number}",
        duty_no=f"ZB{chance.randint(1, 9)}",
        line=LINE,
        official_no="O1",
        begins_at=f"{begins}T{hour}:00+08:00",
        ends_at=f"{ends}T{chance.choice(_HOURS)}:00+08:00",
    )
    return raw | {"time": raw["data"]["begins_at"]}


def _called(chance: random.Random, number: int) -> Raw:
    day = day_of(chance)
    matter_code, due_on = perhaps(chance, "1", 0.7), perhaps(chance, days_after(day, 10), 0.3)
    said = {"matter_code": matter_code, "due_on": due_on}
    raw = fact(
        "hotline.called",
        f"called-{number}",
        call_no=chance.choice(("RX1", "RX2", "RX3")),
        line=LINE,
        called_at=f"{day}T{chance.choice(_HOURS)}:00+08:00",
        picked_up=chance.random() < 0.4,
        **{name: value for name, value in said.items() if value is not None},
    )
    return raw | {"time": raw["data"]["called_at"]}


def _call_answered(chance: random.Random, number: int) -> Raw:
    raw = fact(
        "hotline.answered",
        f"answered-{number}",
        call_no=chance.choice(("RX1", "RX2", "RX3")),
        answered_at=f"{day_of(chance)}T{chance.choice(_HOURS)}:00+08:00",
        called_back=chance.random() < 0.7,
        resolved=True,
    )
    return raw | {"time": raw["data"]["answered_at"]}


# --- the campaign ---


def _campaign_opened(chance: random.Random, number: int) -> Raw:
    until = chance.choice(("2021-03-31", "2021-12-15"))
    phase = {"title": "排查整改", "from_on": "2021-01-05", "to_on": until}
    return _on(
        chance,
        "campaign.opened",
        number,
        "issued_on",
        campaign_no="ZX1",
        title="专项行动",
        document="方案",
        issued_by="街道办事处",
        lead_office="社保所",
        phases=perhaps(chance, [phase], 0.7),
    )


def _task_assigned(chance: random.Random, number: int) -> Raw:
    return _on(
        chance,
        "campaign.task_assigned",
        number,
        "assigned_on",
        task_no=chance.choice(("RW1", "RW2")),
        campaign_no="ZX1",
        task_class="policy",
        assigned_to="某村",
        division=perhaps(chance, chance.choice(VILLAGES), 0.8),
        due_on=day_of(chance),
        title="全面清查",
    )


def _task_reported(chance: random.Random, number: int) -> Raw:
    return _on(
        chance,
        "campaign.task_reported",
        number,
        "reported_on",
        task_no=chance.choice(("RW1", "RW2")),
        campaign_no="ZX1",
        progress=100,
        done=chance.random() < 0.6,
    )


def _ledger_submitted(chance: random.Random, number: int) -> Raw:
    return _on(
        chance,
        "campaign.ledger_submitted",
        number,
        "submitted_on",
        chance.choice(("2021-03-31", "2021-04-15", "2021-07-28", day_of(chance))),
        submission_no=f"BS{chance.randint(1, 9)}",
        campaign_no="ZX1",
        division=chance.choice(VILLAGES),
        ledger=chance.choice(("households", "payments")),
        quarter=chance.choice(("2021-Q1", "2021-Q2")),
        row_count=3,
        signed_by="O1",
    )


_PROBLEMS = ("WT1", "WT2", "WT3")


def _problem_found(chance: random.Random, number: int) -> Raw:
    problem_no = chance.choice(_PROBLEMS)
    return _on(
        chance,
        "campaign.problem_found",
        number,
        "found_on",
        problem_no=problem_no,
        stage="distribution",
        task_class="payments",
        found_by="财政办",
        household_no=perhaps(chance, chance.choice(HOUSEHOLDS), 0.3),
        earlier_problem_no=perhaps(chance, chance.choice([no for no in _PROBLEMS if no != problem_no])),
        description="台账不一致",
    )


def _problem_rectified(chance: random.Random, number: int) -> Raw:
    return _on(
        chance,
        "campaign.problem_rectified",
        number,
        "rectified_on",
        problem_no=chance.choice(_PROBLEMS),
        measure="corrected",
        evidence=perhaps(chance, "更正后的台账"),
    )


def _problem_rechecked(chance: random.Random, number: int) -> Raw:
    return _on(
        chance,
        "campaign.problem_rechecked",
        number,
        "rechecked_on",
        problem_no=chance.choice(_PROBLEMS),
        drawn=True,
        result=chance.choice(("holds", "not_rectified", "rebounded")),
    )


# --- batches of payments ---


def _submitted(chance: random.Random, number: int) -> Raw:
    month = chance.choice(MONTHS)
    decided_on = f"{month}-05"
    to_bank_on = days_after(decided_on, chance.choice((0, 5, 20)))
    between = dict.fromkeys(("decided_on", "entered_on", "audited_on", "to_finance_on"), decided_on)
    return _on(
        chance,
        "funds.batch_submitted",
        number,
        "to_bank_on",
        to_bank_on,
        batch_no=f"B{month}",
        programme=chance.choice(PROGRAMMES),
        month=month,
        bank="农商行",
        household_count=1,
        person_count=1,
        amount_fen=30000,
        **between,
    )


def _settled(chance: random.Random, number: int) -> Raw:
    month = chance.choice(MONTHS)
    return _on(
        chance,
        "funds.batch_settled",
        number,
        "settled_on",
        f"{chance.choice(MONTHS)}-28",
        batch_no=f"B{month}",
        programme="rural_dibao",
        month=month,
        bank="农商行",
        paid_count=1,
        paid_fen=chance.choice((0, 10000, 30001)),
        failed_count=0,
        failed_fen=0,
    )


# --- people at risk ---


def _listed(chance: random.Random, number: int) -> Raw:
    return _on(
        chance,
        "screening.listed",
        number,
        "listed_on",
        screening_no=chance.choice(("S1", "S2")),
        person=_person(chance),
        household_no=perhaps(chance, chance.choice(HOUSEHOLDS)),
        division=chance.choice(VILLAGES),
        category="severe_disability",
        list_name="残联",
    )


def _assessed(chance: random.Random, number: int) -> Raw:
    return _on(
        chance,
        "screening.assessed",
        number,
        "assessed_on",
        screening_no=chance.choice(("S1", "S2")),
        labour="none",
        earning="none",
        relapse_risk="high",
        policies=chance.sample(("Z1", "Z2"), k=chance.randint(1, 2)),
    )


def _concluded(chance: random.Random, number: int) -> Raw:
    return _on(
        chance,
        "screening.concluded",
        number,
        "concluded_on",
        screening_no=chance.choice(("S1", "S2")),
        outcome=chance.choice(("rural_dibao", "rural_dibao", "temporary_relief", "watched")),
        application_no=perhaps(chance, chance.choice(("SQ1", "SQ2"))),
    )


def _issued(chance: random.Random, number: int) -> Raw:
    to = perhaps(chance, day_of(chance), 0.3)
    from_ = chance.choice(("2020-01-01", "2021-01-01", day_of(chance)))
    raw = fact(
        "policy.issued",
        f"issued-{number}",
        policy_no=chance.choice(("Z1", "Z2")),
        title="单人保",
        document="文件",
        issued_by="民政局",
        from_=from_,
        gives=chance.choice(("single_person_dibao", "single_person_dibao", "tekun")),
        **({} if to is None else {"to": to}),
    )
    return raw | {"time": f"{from_}T09:00:00+08:00"}


def _care_begun(chance: random.Random, number: int) -> Raw:
    return _on(
        chance,
        "tekun.dispersed_care_begun",
        number,
        "begun_on",
        household_no=chance.choice(HOUSEHOLDS),
        person=_person(chance),
        self_care="partial",
    )


def _care_agreed(chance: random.Random, number: int) -> Raw:
    signed_on = day_of(chance)
    return _on(
        chance,
        "tekun.care_agreement_signed",
        number,
        "signed_on",
        signed_on,
        agreement_no=f"XY{number}",
        household_no=chance.choice(HOUSEHOLDS),
        person=_person(chance),
        carer=_person(chance),
        carer_kind="neighbour",
        valid_from=signed_on,
        valid_to=days_after(signed_on, chance.choice((10, 400))),
    )


def _admitted(chance: random.Random, number: int) -> Raw:
    return _on(
        chance,
        "tekun.admitted",
        number,
        "admitted_on",
        household_no=chance.choice(HOUSEHOLDS),
        person=_person(chance),
        institution="敬老院",
    )


def _relieved(chance: random.Random, number: int) -> Raw:
    return _on(
        chance,
        "relief.granted",
        number,
        "granted_on",
        relief_no=f"LS{chance.randint(1, 9)}",
        person=person_of(chance.choice(PEOPLE[:3])),
        household_no=perhaps(chance, chance.choice(HOUSEHOLDS)),
        division=chance.choice(VILLAGES),
        cause="uninsured_unemployed",
        occasion_no=perhaps(chance, chance.choice(("SY1", "SY2")), 0.8),
        amount_fen=100000,
    )


# --- policy and the calendar ---


_TEXTS: Mapping[str, Sequence[str]] = {
    "application.investigation_steps": ("any", "household_visit", "neighbourhood information_check"),
    "campaign.ledgers": ("households", "households payments"),
}
_SCOPED = ("death.grace_months", "large_payment.multiple")


def adopted_of(chance: random.Random, number: int, parameter: Parameter) -> Raw:
    """Return the adoption of some value of a parameter."""
    name = parameter.name
    scope = chance.choice(SCOPES) if name in _SCOPED else {}
    from_ = f"{chance.choice(MONTHS)}-{chance.choice((1, 15)):02d}"
    value: Any = chance.choice((0, 1, 5, 30))
    if parameter.kind == "text":
        value = chance.choice(_TEXTS[name])
    elif name == "large_payment.multiple":
        value = chance.choice((1.5, 2, 0.5))
    elif "months" in name:
        value = chance.choice((1, 2, 6))
    return adopted(name, value, from_, f"policy-{number}", **scope)


PARAMETERS = tuple(sorted({one for rule in ALL.rules for one in rule.parameters}, key=lambda one: one.name))


def _adopted(chance: random.Random, number: int) -> Raw:
    return adopted_of(chance, number, chance.choice(PARAMETERS))


def _day_closed(chance: random.Random, number: int) -> Raw:
    return day_closed(f"2021-{chance.randint(1, 8):02d}-{chance.choice((1, 2, 5, 6, 15, 28)):02d}")


def _year_arranged(chance: random.Random, number: int) -> Raw:
    days = [date(2021, 1, 1) + timedelta(days=count) for count in range(200)]
    worked = [day.isoformat() for day in chance.sample([d for d in days if d.isoweekday() > 5], k=10)]
    off = [day.isoformat() for day in chance.sample([d for d in days if d.isoweekday() < 6], k=40)]
    raw = year_arranged(2021, off, worked, id_=f"year-{number}")
    return raw | {"time": f"{chance.choice(('2020-11-25', day_of(chance)))}T09:00:00+08:00"}


DRAWN: Mapping[str, Make] = {
    "enrollment.enrolled": _enrolled,
    "enrollment.members_changed": _members_changed,
    "enrollment.entitlement_adjusted": _adjusted,
    "enrollment.exited": _exited,
    "enrollment.applied": _applied,
    "enrollment.investigated": _investigated,
    "enrollment.publicised": _publicised,
    "enrollment.refused": _refused,
    "enrollment.compared": _compared,
    "enrollment.reviewed": _reviewed,
    "enrollment.grace_granted": _grace_granted,
    "payments.paid": _paid,
    "payments.returned": _returned,
    "payments.recovered": _recovered,
    "vitals.died": _died,
    "identity.corrected": _corrected,
    "identity.households_merged": _merged,
    "identity.household_split": _divided,
    "identity.household_moved": _moved,
    "officials.appointed": _appointed,
    "officials.left": _left,
    "kinship.declared": _declared,
    "kinship.reviewed": _kin_reviewed,
    "custody.granted": _granted,
    "custody.handed_over": _handed_over,
    "custody.agreement_filed": _agreement_filed,
    "custody.checked": _checked,
    "custody.ended": _custody_ended,
    "petitions.filed": _filed,
    "petitions.accepted": _accepted,
    "petitions.transferred": _transferred,
    "petitions.answered": _answered,
    "petitions.closed": _closed,
    "clues.received": _clue_received,
    "clues.verified": _clue_verified,
    "clues.transferred": _clue_transferred,
    "hotline.rostered": _rostered,
    "hotline.called": _called,
    "hotline.answered": _call_answered,
    "campaign.opened": _campaign_opened,
    "campaign.task_assigned": _task_assigned,
    "campaign.task_reported": _task_reported,
    "campaign.ledger_submitted": _ledger_submitted,
    "campaign.problem_found": _problem_found,
    "campaign.problem_rectified": _problem_rectified,
    "campaign.problem_rechecked": _problem_rechecked,
    "funds.batch_submitted": _submitted,
    "funds.batch_settled": _settled,
    "screening.listed": _listed,
    "screening.assessed": _assessed,
    "screening.concluded": _concluded,
    "policy.issued": _issued,
    "tekun.dispersed_care_begun": _care_begun,
    "tekun.care_agreement_signed": _care_agreed,
    "tekun.admitted": _admitted,
    "relief.granted": _relieved,
    "policy.adopted": _adopted,
    "calendar.day_closed": _day_closed,
    "calendar.year_arranged": _year_arranged,
}
"""How a fact of each type is drawn; the names of types without ``dibao.`` and version."""
