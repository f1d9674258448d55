"""A fact that concerns another subject reaches it, however late: each declared fan-out, days and policy."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from services.detection.rules import ALL
from tests.services.detection.cases_of_benefits import applied as asked
from tests.services.detection.cases_of_benefits import compared, step
from tests.services.detection.cases_of_campaign import campaign_opened, task_assigned, task_reported
from tests.services.detection.cases_of_custody import (
    HOUSEHOLD,
    applied,
    bare_card,
    card,
    gives_up,
    handed,
    in_force,
    kin_declared,
    kin_reviewed,
    taken_back,
    takes_up,
)
from tests.services.detection.cases_of_funds import line, settled, submitted
from tests.services.detection.cases_of_hotline import answered, called, rostered
from tests.services.detection.cases_of_integrity import HERE, THERE, moved, of_area
from tests.services.detection.cases_of_petitions import appointed, closed, filed
from tests.services.detection.cases_of_screening import (
    assessed,
    concluded,
    issued,
    joined,
    listed,
    refused,
)
from tests.services.detection.cases_of_supervision import (
    clue_received,
    clue_verified,
    petition,
    post,
    relief_granted,
)
from tests.services.detection.cases_of_tekun import agreed, begun
from tests.services.detection.upstream import (
    Raw,
    adopted,
    corrected,
    custody_ended,
    day_closed,
    died,
    enrolled,
    exited,
    fact,
    granted,
    merged,
    paid,
    person_of,
    returned,
    void,
    year_arranged,
)
from tests.services.detection.worker import Worker


@dataclass(frozen=True)
class Late:
    """Facts that are settled, one that comes late, and the rule's open findings before and after."""

    way: str
    settled: list[Raw]
    late: Raw
    rule: str
    before: int
    after: int


EXPIRED = [enrolled("H", "甲", "乙"), granted("C", "H", "甲", "丙"), day_closed("2021-07-31")]


def joining(household_no: str, name: str) -> Raw:
    return fact(
        "enrollment.members_changed",
        f"joined-{household_no}",
        household_no=household_no,
        programme="rural_dibao",
        from_month="2021-02",
        added=[{"person": person_of(name), "relation": "子"}],
    )


DEATH = died("甲", "2021-01-20")
TWICE = [relief_granted("R1"), relief_granted("R2", "乙"), day_closed("2021-07-31")]
OUT_OF_AREA = "integrity-out-of-area"
SAME = corrected("甲", "乙", "2021-06-01")
CASES = [
    Late("two numbers turn out to be one person's", TWICE, SAME, "duplicate-relief", 0, 1),
    Late("and were not after all", [*TWICE, SAME], void(SAME), "duplicate-relief", 1, 0),
    Late(
        "by way of a third",
        [relief_granted("R1"), relief_granted("R2", "丙"), SAME, day_closed("2021-07-31")],
        corrected("乙", "丙", "2021-06-02"),
        "duplicate-relief",
        0,
        1,
    ),
    Late(
        "corrected on a day that is closed later",
        [*TWICE[:2], day_closed("2021-05-31"), SAME],
        day_closed("2021-06-01"),
        "duplicate-relief",
        0,
        1,
    ),
    Late(
        "person died household",
        [enrolled("H", "甲", "乙"), paid("H", "2021-03", "乙")],
        DEATH,
        "paid-after-death",
        0,
        1,
    ),
    Late(
        "death voided",
        [enrolled("H", "甲", "乙"), paid("H", "2021-03", "乙"), DEATH],
        void(DEATH),
        "paid-after-death",
        1,
        0,
    ),
    Late(
        "payment returned household",
        [paid("H", "2021-03", "甲")],
        returned("P-H-2021-03", "OTHER", "2021-04", "乙"),
        "unentitled",
        1,
        0,
    ),
    Late(
        "payment returned account",
        [paid("H1", "2021-03", "甲"), paid("H2", "2021-03", "甲")],
        returned("P-H1-2021-03", "OTHER", "2021-04", "乙"),
        "shared-account",
        1,
        0,
    ),
    Late(
        "custody ended household",
        [enrolled("H", "甲"), granted("C", "H", "甲", "丙"), paid("H", "2021-03", "丙")],
        custody_ended("C", "OTHER", "2021-02-01"),
        "name-mismatch",
        0,
        1,
    ),
    Late(
        "household enrolled custody",
        EXPIRED[1:],
        EXPIRED[0],
        "custody-expired",
        0,
        1,
    ),
    Late(
        "household members_changed custody",
        [enrolled("H", "乙"), *EXPIRED[1:]],
        joining("H", "甲"),
        "custody-expired",
        0,
        1,
    ),
    Late("household exited custody", EXPIRED, exited("H", "2021-07"), "custody-expired", 1, 0),
    Late("day closed", EXPIRED[:2], EXPIRED[2], "custody-expired", 0, 1),
    Late(
        "day closed, the beneficiary having left in its month",
        [*EXPIRED, exited("H", "2021-09")],
        day_closed("2021-09-01"),
        "custody-expired",
        1,
        0,
    ),
    Late(
        "policy adopted",
        [enrolled("H", "甲"), paid("H", "2021-03", "甲", 40000)],
        adopted("large_payment.multiple", 2, "2021-03-01"),
        "large-payment",
        1,
        0,
    ),
]


CLUE = [clue_received("O1", cadre=False, household_no="H", petition_no="XF1"), clue_verified()]
IN_OFFICE = post("appointed", "2020-01-01")
OF_TWO_DAYS = adopted("clues.transfer_days", 2, "2021-01-01", division_prefix="500102008")
PETITION = petition("filed", "2021-03-01", household_no="H")
QUICK = adopted("petitions.answer_days", 2, "2021-01-01", programme="rural_dibao")
CASES += [
    Late(
        "clue received", [CLUE[1], IN_OFFICE, day_closed("2021-03-26")], CLUE[0], "clue-untransferred", 0, 1
    ),
    Late("official appointed clue", [*CLUE, day_closed("2021-03-26")], IN_OFFICE, "clue-untransferred", 0, 1),
    Late(
        "official left_post clue",
        [*CLUE, IN_OFFICE, day_closed("2021-03-26")],
        post("left", "2021-02-01"),
        "clue-untransferred",
        1,
        0,
    ),
    Late(
        "household enrolled clue",
        [*CLUE, IN_OFFICE, OF_TWO_DAYS, day_closed("2021-03-20")],
        enrolled("H", "乙"),
        "clue-untransferred",
        0,
        1,
    ),
    Late(
        "petition petition_filed clue",
        [*CLUE, IN_OFFICE, OF_TWO_DAYS, day_closed("2021-03-20")],
        PETITION,
        "clue-untransferred",
        0,
        1,
    ),
    Late(
        "household enrolled petition",
        [PETITION, QUICK, day_closed("2021-04-20")],
        enrolled("H", "乙"),
        "petition-overdue",
        0,
        1,
    ),
    Late("the day of a clue", [*CLUE, IN_OFFICE], day_closed("2021-03-26"), "clue-untransferred", 0, 1),
    Late("the day of a petition", [PETITION], day_closed("2021-05-16"), "petition-overdue", 0, 1),
    Late(
        "a clue's day taken back",
        [*CLUE, IN_OFFICE, day_closed("2021-03-20"), day_closed("2021-03-26")],
        void(day_closed("2021-03-26")),
        "clue-untransferred",
        1,
        0,
    ),
    Late(
        "a changed number of days for clues",
        [*CLUE, IN_OFFICE, day_closed("2021-03-20")],
        adopted("clues.transfer_days", 3, "2021-03-01"),
        "clue-untransferred",
        0,
        1,
    ),
    Late(
        "a number of days for petitions withdrawn",
        [PETITION, enrolled("H", "乙"), QUICK, day_closed("2021-04-20")],
        void(QUICK),
        "petition-overdue",
        1,
        0,
    ),
    Late(
        "official appointed petition",
        [closed(by="O1", confirmed="O2"), appointed("O1", "甲"), day_closed("2021-04-20")],
        appointed("O2", "甲"),
        "single-signature-closure",
        0,
        1,
    ),
    Late(
        "petition petition_filed matter",
        [filed("F1", name="甲"), filed("F2", "2021-04-01", "甲"), day_closed("2021-06-30")],
        filed("F2", "2021-04-02", "甲", matter_code="2"),
        "repeat-petition",
        1,
        0,
    ),
    Late(
        "a petitioner's corrected number",
        [filed("F1", name="甲"), filed("F2", "2021-04-01", "乙"), day_closed("2021-06-30")],
        corrected("甲", "乙", "2021-06-01"),
        "repeat-petition",
        0,
        1,
    ),
    Late(
        "merged households of petitions",
        [
            *(filed(f"F{one}", household_no=f"H{one}") for one in (1, 2)),
            day_closed("2021-06-30"),
        ],
        merged("H1", "H2", day="2021-06-01"),
        "repeat-petition",
        0,
        1,
    ),
    Late(
        "campaign campaign_opened owing",
        [task_assigned("2021-03-10"), day_closed("2021-08-01")],
        campaign_opened("2021-03-31"),
        "ledger-overdue",
        10,
        5,
    ),
    Late(
        "duty rostered call",
        [called(picked_up=False), day_closed("2021-03-03")],
        rostered(),
        "unanswered-call",
        0,
        1,
    ),
    Late(
        "a year arranged otherwise",
        [called(picked_up=False), rostered(), day_closed("2021-03-03")],
        year_arranged(2021, ["2021-03-02"]),
        "unanswered-call",
        1,
        0,
    ),
    Late(
        "petition petition_filed closer",
        [
            *(closed(by="O1", petition_no=number) for number in ("F1", "F2")),
            adopted("petitions.closures_a_day", 1, "2021-01-01", division_prefix="500102"),
            day_closed("2021-04-20"),
        ],
        filed("F1"),
        "bulk-closure",
        0,
        1,
    ),
    Late(
        "another grant for the occasion",
        [relief_granted("R1"), day_closed("2021-03-26")],
        relief_granted("R2"),
        "duplicate-relief",
        0,
        1,
    ),
]

AGAIN = line("P2", fen=10000)
FUNDS = [submitted(), line("P1"), settled(fen=40000)]
CASES += [
    Late(
        "a payment",
        [FUNDS[0], FUNDS[2], day_closed("2021-04-30")],
        line("P1", fen=40000),
        "settlement-difference",
        1,
        0,
    ),
    Late(
        "a payment void",
        [*FUNDS, day_closed("2021-04-30"), AGAIN],
        void(AGAIN),
        "settlement-difference",
        0,
        1,
    ),
    Late(
        "payment returned batch",
        [submitted(), line("P1", fen=40000), settled(fen=40000), day_closed("2021-04-30")],
        returned("P1", "OTHER", "2021-03", "乙"),
        "settlement-difference",
        0,
        1,
    ),
    Late(
        "a payment that took long",
        [submitted(), line("P1"), day_closed("2021-04-30")],
        line("P2", "2021-04-12"),
        "slow-payment",
        0,
        1,
    ),
    Late("the day of a batch", [submitted()], day_closed("2021-04-11"), "batch-unsettled", 0, 1),
]

LISTED = listed(household_no="H")
SHORT = adopted("screening.outcome_days", 2, "2021-01-01", programme="rural_dibao")
CASES += [
    Late(
        "person died screening",
        [LISTED, day_closed("2021-04-01")],
        died("甲", "2021-03-02"),
        "screening-waiting",
        1,
        0,
    ),
    Late(
        "household enrolled screening",
        [LISTED, SHORT, day_closed("2021-03-10")],
        enrolled("H", "乙"),
        "screening-waiting",
        0,
        1,
    ),
    Late("the day of a screening", [LISTED], day_closed("2021-04-01"), "screening-waiting", 0, 1),
]

PROMISED = [LISTED, concluded("2021-03-20", "rural_dibao", application_no="A1"), day_closed("2021-05-20")]
RECEIVES = enrolled("H", "甲")
CASES += [
    Late(
        "household members_changed screening",
        [*PROMISED, enrolled("H", "乙")],
        joined("H", "甲", "2021-03", "2021-03-01"),
        "uncovered-at-risk",
        1,
        0,
    ),
    Late(
        "household exited screening", [*PROMISED, RECEIVES], exited("H", "2021-02"), "uncovered-at-risk", 0, 1
    ),
    Late(
        "member listed screening",
        PROMISED,
        enrolled("H2", "甲", decided_on="2021-04-01"),
        "uncovered-at-risk",
        1,
        0,
    ),
    Late(
        "relief relieved screening",
        [LISTED, concluded("2021-03-20", "temporary_relief"), PROMISED[2]],
        relief_granted("R1", day="2021-04-01"),
        "uncovered-at-risk",
        1,
        0,
    ),
    Late(
        "application refused screening",
        PROMISED,
        refused("A1", "2021-04-01"),
        "uncovered-at-risk",
        1,
        0,
    ),
]


CLOSED = day_closed("2021-05-31")
CADRE = [HOUSEHOLD, card(), takes_up("2020-06-01"), CLOSED]
OPENLY = [HOUSEHOLD, card(kind="other"), CLOSED]
FILED = kin_declared("2021-02-01")
CASES += [
    Late("kin kin_declared custody", CADRE, FILED, "cadre-custody", 1, 0),
    Late(
        "kin kin_reviewed custody",
        [*CADRE, FILED],
        kin_reviewed("2021-04-01", "not_related"),
        "cadre-custody",
        0,
        1,
    ),
    Late("person appointed custody", OPENLY, takes_up("2021-04-01"), "cadre-custody", 0, 1),
    Late("official left_post person", CADRE, gives_up("2021-04-01", None), "cadre-custody", 1, 0),
    Late(
        "official left_post person custody voided",
        [*CADRE, gives_up("2021-04-01", None)],
        void(gives_up("2021-04-01", None)),
        "cadre-custody",
        0,
        1,
    ),
    Late("person left_post custody", CADRE, gives_up("2021-04-01"), "cadre-custody", 1, 0),
    Late(
        "the day after the last in office",
        [*CADRE, gives_up("2021-05-31")],
        day_closed("2021-06-01"),
        "cadre-custody",
        1,
        0,
    ),
    Late(
        "a successor in office",
        [HOUSEHOLD, card(), takes_up("2020-06-01", "戊"), CLOSED],
        handed("successor", "2021-04-01", "戊"),
        "cadre-custody",
        0,
        1,
    ),
    Late(
        "a changed number of days for papers",
        [HOUSEHOLD, bare_card(), CLOSED],
        in_force("custody.filing_days", 120, "2021-01-01"),
        "custody-unfiled",
        1,
        0,
    ),
]


def of_household(number: int, beneficiary: str) -> list[Raw]:
    named = {"household_no": f"H{number}", "beneficiary": beneficiary, "no": f"C{number}"}
    return [enrolled(f"H{number}", beneficiary, from_month="2020-01"), card(**named, id_=f"granted-{number}")]


TWO = [*of_household(1, "丁"), *of_household(2, "戊"), CLOSED]
THREE = [*of_household(3, "己"), *TWO]
OF_THIRD = {"household_no": "H3", "beneficiary": "己", "no": "C3", "valid_from": "2021-03-01"}
TO_ANOTHER = card("庚", **OF_THIRD, id_="again", time="2021-04-01T09:00:00+08:00")
CASES += [
    Late("another card", [*TWO, THREE[0]], THREE[1], "many-custodies", 0, 1),
    Late("custody granted custodian", THREE, TO_ANOTHER, "many-custodies", 1, 0),
    Late(
        "custody handed_over custodian",
        THREE,
        handed("successor", "2021-04-01", "庚", no="C3", of="H3"),
        "many-custodies",
        1,
        0,
    ),
    Late(
        "a card that is handed to them",
        [*TWO, THREE[0], card("庚", **OF_THIRD)],
        handed("successor", "2021-04-01", "丙", no="C3", of="H3"),
        "many-custodies",
        0,
        1,
    ),
    Late("custody ended custodian", THREE, taken_back("2021-04-01", "C3"), "many-custodies", 1, 0),
    Late("household enrolled custodian", THREE[1:], THREE[0], "many-custodies", 0, 1),
    Late(
        "household members_changed custodian",
        [enrolled("H3", "庚"), *THREE[1:]],
        joining("H3", "己"),
        "many-custodies",
        0,
        1,
    ),
    Late("household exited custodian", THREE, exited("H3", "2021-05"), "many-custodies", 1, 0),
    Late(
        "a changed number of cards",
        THREE,
        in_force("custody.cards_per_custodian", 3, "2021-05-31"),
        "many-custodies",
        1,
        0,
    ),
    Late(
        "a custodian's day taken back",
        [*THREE, exited("H3", "2021-06", decided_on="2021-05-20"), day_closed("2021-06-01")],
        void(day_closed("2021-06-01")),
        "many-custodies",
        0,
        1,
    ),
]


FILING = [kin_declared("2021-03-01"), CLOSED]
NEAR = [HOUSEHOLD, takes_up("2021-03-01", "乙"), CLOSED]
HOLDS = [HOUSEHOLD, takes_up("2020-06-01"), card(), CLOSED]
OF_KIN = kin_declared("2021-03-10", "乙")
NOBODY = enrolled("H", "庚", from_month="2020-01")
CASES += [
    Late("household enrolled filing", FILING, HOUSEHOLD, "kinship-unreviewed", 0, 1),
    Late(
        "household members_changed filing",
        [NOBODY, exited("H", "2021-03", "庚"), *FILING],
        joining("H", "甲"),
        "kinship-unreviewed",
        0,
        1,
    ),
    Late("household exited filing", [HOUSEHOLD, *FILING], exited("H", "2021-04"), "kinship-unreviewed", 1, 0),
    Late(
        "a visit",
        [HOUSEHOLD, *FILING],
        kin_reviewed("2021-04-01"),
        "kinship-unreviewed",
        1,
        0,
    ),
    Late("the day of a filing", [HOUSEHOLD, FILING[0]], CLOSED, "kinship-unreviewed", 0, 1),
    Late("household enrolled kin", HOLDS[1:], HOUSEHOLD, "kinship-undeclared", 0, 1),
    Late(
        "household members_changed kin",
        [NOBODY, *NEAR[1:]],
        joining("H", "乙"),
        "kinship-undeclared",
        0,
        1,
    ),
    Late("household exited kin", NEAR, exited("H", "2021-03"), "kinship-undeclared", 1, 0),
    Late("person appointed kin", [HOUSEHOLD, CLOSED], NEAR[1], "kinship-undeclared", 0, 1),
    Late("official left_post person kin", NEAR, gives_up("2021-03-20", None), "kinship-undeclared", 1, 0),
    Late("person left_post kin", NEAR, gives_up("2021-03-20", "乙"), "kinship-undeclared", 1, 0),
    Late("custody granted kin", [*HOLDS[:2], CLOSED], HOLDS[2], "kinship-undeclared", 0, 1),
    Late(
        "custody handed_over kin",
        HOLDS,
        handed("successor", "2021-03-20", "庚"),
        "kinship-undeclared",
        1,
        0,
    ),
    Late(
        "a card in an official's hands",
        [HOUSEHOLD, takes_up("2020-06-01", "戊"), card(), CLOSED],
        handed("successor", "2021-04-10", "戊"),
        "kinship-undeclared",
        0,
        1,
    ),
    Late("custody ended kin", HOLDS, taken_back("2021-03-20"), "kinship-undeclared", 1, 0),
    Late("a filing of kin", NEAR, OF_KIN, "kinship-undeclared", 1, 0),
    Late("a filing of kin voided", [*NEAR, OF_KIN], void(OF_KIN), "kinship-undeclared", 0, 1),
    Late(
        "what an application says",
        [enrolled("H", "甲", application_no="S1"), CLOSED],
        applied("2020-12-01"),
        "kinship-undeclared",
        0,
        1,
    ),
    Late(
        "a changed number of days for filing",
        NEAR,
        in_force("kinship.filing_days", 180, "2021-01-01"),
        "kinship-undeclared",
        1,
        0,
    ),
    Late(
        "the first day of a new spell",
        [*NEAR, exited("H", "2021-05"), enrolled("H", "甲", from_month="2021-06", decided_on="2021-05-20")],
        day_closed("2021-06-01"),
        "kinship-undeclared",
        1,
        0,
    ),
]

PUT_OFF = [listed(), assessed(), concluded(), issued(), day_closed("2021-05-20")]
CASES += [
    Late(
        "measure policy_issued screening",
        [*PUT_OFF[:3], PUT_OFF[4]],
        issued(),
        "single-person-not-offered",
        0,
        1,
    ),
    Late(
        "member left_household screening",
        [*PUT_OFF, enrolled("H", "甲", "乙")],
        exited("H", "2021-02", "甲"),
        "single-person-not-offered",
        0,
        1,
    ),
    Late(
        "an assessment that came late",
        [PUT_OFF[0], *PUT_OFF[2:]],
        assessed(),
        "single-person-not-offered",
        0,
        1,
    ),
]

CARED_FOR = [enrolled("H", "甲"), begun(), day_closed("2021-04-01")]
CASES += [
    Late("household enrolled care", CARED_FOR[1:], CARED_FOR[0], "tekun-agreement-missing", 0, 1),
    Late(
        "household members_changed care",
        [enrolled("H", "乙"), *CARED_FOR[1:]],
        joined("H", "甲", "2021-03", "2021-03-01"),
        "tekun-agreement-missing",
        0,
        1,
    ),
    Late(
        "the number by which who is cared for had left",
        [enrolled("H", "甲", "丙"), *CARED_FOR[1:], exited("H", "2021-03", "乙")],
        corrected("甲", "乙", "2021-03-20"),
        "tekun-agreement-missing",
        1,
        0,
    ),
    Late(
        "merged households, of which the other has the agreement",
        [*CARED_FOR, agreed("2021-03-05") | {"data": agreed("2021-03-05")["data"] | {"household_no": "H2"}}],
        merged("H", "H2", day="2021-03-20"),
        "tekun-agreement-missing",
        1,
        0,
    ),
    Late("household exited care", CARED_FOR, exited("H", "2021-03"), "tekun-agreement-missing", 1, 0),
    Late("person died care", CARED_FOR, died("甲", "2021-03-02"), "tekun-agreement-missing", 1, 0),
    Late("the day of care at home", CARED_FOR[:2], CARED_FOR[2], "tekun-agreement-missing", 0, 1),
]

OWED = [enrolled("H", "甲", "乙"), paid("H", "2021-02", "乙"), day_closed("2021-12-31")]
GIVEN_BACK = fact(
    "payments.recovered",
    "recovered",
    recovery_no="R1",
    household_no="H",
    programme="rural_dibao",
    from_month="2021-02",
    to_month="2021-02",
    recovered_on="2021-09-01",
    amount_fen=15000,
    cause="death",
    method="cash",
)
CASES += [
    Late("a death, long after", OWED, DEATH, "recovered-short", 0, 1),
    Late("a payment for somebody dead", [OWED[0], DEATH, OWED[2]], OWED[1], "recovered-short", 0, 1),
    Late("money given back", [*OWED, DEATH], GIVEN_BACK, "recovered-short", 1, 0),
    Late(
        "money given back after all not",
        [*OWED, DEATH, GIVEN_BACK],
        void(GIVEN_BACK),
        "recovered-short",
        0,
        1,
    ),
    Late(
        "a payment for somebody dead that comes back",
        [*OWED, DEATH],
        returned("P-H-2021-02", "H", "2021-02", "乙"),
        "recovered-short",
        1,
        0,
    ),
    Late(
        "the day of a debt",
        [*OWED[:2], DEATH, day_closed("2021-06-25")],
        day_closed("2021-06-26"),
        "recovered-short",
        0,
        1,
    ),
]


ASKED = [asked(), step("household_visit", "2021-08-04"), day_closed("2021-09-30")]
FOR_RELIEF = [asked(programme="temporary_relief"), *ASKED[1:]]
HIT = [compared("2021-03-01"), day_closed("2021-04-30")]
LEFT = [enrolled("H", "甲", "乙"), exited("H", "2021-04", decided_on="2021-03-15"), day_closed("2021-06-30")]
OLD_LAW = [asked("2021-06-01"), step("household_visit", "2021-06-16"), day_closed("2021-06-30")]
DRAGON_BOAT = year_arranged(2021, ["2021-06-14"])
CASES += [
    Late(
        "household enrolled application",
        ASKED,
        enrolled("H", "甲", decided_on="2021-08-20", from_month="2021-09"),
        "application-clock",
        1,
        0,
    ),
    Late(
        "relief relieved application",
        FOR_RELIEF,
        relief_granted("R1", occasion=None, day="2021-08-20"),
        "application-clock",
        1,
        0,
    ),
    Late(
        "household_relief relieved application",
        FOR_RELIEF,
        relief_granted("R1", "丙", occasion=None, day="2021-08-20", household_no="H"),
        "application-clock",
        1,
        0,
    ),
    Late(
        "an applicant's other number, by which they were relieved",
        [*FOR_RELIEF, relief_granted("R1", "乙", occasion=None, day="2021-08-20")],
        corrected("甲", "乙", "2021-08-21"),
        "application-clock",
        1,
        0,
    ),
    Late(
        "merged households, of which one was relieved",
        [*FOR_RELIEF, relief_granted("R1", "丙", occasion=None, day="2021-08-20", household_no="H2")],
        merged("H", "H2", day="2021-08-21"),
        "application-clock",
        1,
        0,
    ),
    Late(
        "the number by which who was compared had left",
        [*HIT, enrolled("H", "甲", "丙"), exited("H", "2021-04", "乙", decided_on="2021-03-20")],
        corrected("甲", "乙", "2021-04-01"),
        "income-match-unreviewed",
        1,
        0,
    ),
    Late(
        "the number by which who left is enrolled again",
        [*LEFT, enrolled("H2", "丙", decided_on="2021-05-01", from_month="2021-05")],
        corrected("乙", "丙", "2021-05-02"),
        "exit-without-follow-up",
        1,
        0,
    ),
    Late(
        "a year's holidays stated late",
        OLD_LAW,
        DRAGON_BOAT,
        "application-clock",
        1,
        0,
    ),
    Late(
        "a year's holidays taken back",
        [*OLD_LAW, DRAGON_BOAT],
        void(DRAGON_BOAT),
        "application-clock",
        0,
        1,
    ),
    Late(
        "a year arranged otherwise",
        [*OLD_LAW, DRAGON_BOAT],
        year_arranged(2021, ["2021-06-14"], ["2021-06-12"], "again", time="2021-06-01T09:00:00+08:00"),
        "application-clock",
        0,
        1,
    ),
    Late(
        "household enrolled match",
        [*HIT, exited("H", "2021-04", decided_on="2021-03-20")],
        enrolled("H", "甲"),
        "income-match-unreviewed",
        1,
        0,
    ),
    Late(
        "household exited match",
        [*HIT, enrolled("H", "甲")],
        exited("H", "2021-04", decided_on="2021-03-20"),
        "income-match-unreviewed",
        1,
        0,
    ),
    Late(
        "household members_changed match",
        [*HIT, enrolled("H", "乙"), exited("H", "2021-04", decided_on="2021-03-20")],
        joining("H", "甲"),
        "income-match-unreviewed",
        1,
        0,
    ),
    Late(
        "member listed leaving",
        LEFT,
        enrolled("H2", "乙", decided_on="2021-05-01", from_month="2021-05"),
        "exit-without-follow-up",
        1,
        0,
    ),
    Late(
        "household enrolled bounds",
        [of_area(paid("H", "2021-03", "甲"))],
        enrolled("H", "甲", division=THERE),
        OUT_OF_AREA,
        0,
        1,
    ),
    Late(
        "household household_moved bounds",
        [of_area(paid("H", "2021-03", "甲")), enrolled("H", "甲")],
        moved("H", "2021-03-01"),
        OUT_OF_AREA,
        0,
        1,
    ),
    Late(
        "a move that never was",
        [of_area(paid("H", "2021-03", "甲")), enrolled("H", "甲"), moved("H", "2021-03-01")],
        void(moved("H", "2021-03-01")),
        OUT_OF_AREA,
        1,
        0,
    ),
    Late(
        "petition petition_filed bounds",
        [of_area(petition("closed", "2021-04-01"))],
        petition("filed", "2021-03-01", division=THERE),
        OUT_OF_AREA,
        0,
        1,
    ),
    Late(
        "clue clue_received bounds",
        [of_area(clue_verified())],
        clue_received(division=THERE),
        OUT_OF_AREA,
        0,
        1,
    ),
    Late(
        "screening screening_listed bounds", [of_area(concluded())], listed(division=THERE), OUT_OF_AREA, 0, 1
    ),
    Late("batch batch_submitted bounds", [of_area(settled())], submitted(division=THERE), OUT_OF_AREA, 0, 1),
    Late(
        "call called bounds",
        [of_area(answered("2021-03-02T10:00"))],
        called(division=THERE),
        OUT_OF_AREA,
        0,
        1,
    ),
    Late(
        "task task_assigned bounds",
        [of_area(task_reported("2021-07-01"))],
        task_assigned(division=THERE),
        OUT_OF_AREA,
        0,
        1,
    ),
    Late(
        "member listed bounds",
        [of_area(died("甲", "2021-03-02"), HERE)],
        enrolled("H", "甲", division=THERE),
        OUT_OF_AREA,
        0,
        1,
    ),
    Late("the day of an exit", LEFT[:2], day_closed("2021-06-30"), "exit-without-follow-up", 0, 1),
    Late(
        "a value that begins on a day, on that day",
        [
            enrolled("H", "甲"),
            adopted("review.stable_months", 6, "2021-09-01"),
            day_closed("2021-08-31"),
        ],
        day_closed("2021-09-01"),
        "review-overdue",
        0,
        1,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.way)
async def test_a_late_fact_reaches_whom_it_concerns(prepared: str, case: Late) -> None:
    worker = await Worker.open(prepared)
    try:
        await worker.ingest(case.settled)
        await worker.settle()
        assert sum(rule == case.rule for rule, *_ in await worker.open_findings()) == case.before
        await worker.ingest([case.late])
        await worker.settle()
        assert sum(rule == case.rule for rule, *_ in await worker.open_findings()) == case.after
    finally:
        await worker.close()


def test_every_fan_out_has_its_case() -> None:
    ways = {case.way for case in CASES}
    for (kind, fact_kind), readers in ALL.readers.items():
        for reader in readers:
            assert f"{kind} {fact_kind} {reader}" in ways


async def test_a_day_waits_for_its_cut(prepared: str) -> None:
    worker = await Worker.open(prepared)
    try:
        await worker.ingest([*EXPIRED[:2], day_closed("2021-07-31", {"dibao.payments": {"0": 5}})])
        await worker.settle()
        assert await worker.open_findings() == []
        await worker.connection.execute(
            "insert into platform.\"offset\" values ('detection', 1, 'dibao.payments', 0, 5)"
        )
        await worker.settle()
        assert [rule for rule, *_ in await worker.open_findings()] == ["custody-expired", "custody-unchecked"]
    finally:
        await worker.close()


async def test_an_account_beyond_the_bound_is_counted_by_postgresql(prepared: str) -> None:
    raws = [paid(f"H{n}", "2021-03", "甲", no=f"P{n}") for n in range(12)]
    raws.append(returned("P3", "H3", "2021-03", "甲"))
    found = []
    for bound in (100, 5):
        worker = await Worker.open(prepared)
        try:
            await worker.connection.execute("truncate event, fact, dirty, finding, outbox")
            worker.evaluator = type(worker.evaluator)(generation=1, bound=bound)
            await worker.ingest(raws)
            await worker.settle()
            rows = await worker.connection.fetch(
                "select params, evidence, evidence_count, content from finding where rule = 'shared-account'"
            )
            found.append([dict(row) for row in rows])
        finally:
            await worker.close()
    assert found[0] == found[1]
    assert found[0][0]["params"]["household_count"] == 11


BATCH = [
    submitted(),
    *(line(f"P{n}", f"2021-04-{10 + n % 4}", fen=1000 + n) for n in range(12)),
    returned("P1", "H", "2021-03", "甲", returned_on="2021-04-12"),
    returned("P4", "H", "2021-03", "甲", returned_on="2021-05-02"),
    void(line("P5", "2021-04-11", fen=1005)),
    settled("2021-04-12", 9000),
]
"""Paid on four days, one after the bank's answer; one came back before it, one long after, one is void."""


async def test_a_batch_beyond_the_bound_is_summed_up_by_postgresql(prepared: str) -> None:
    found, waits = [], []
    for bound in (100, 5):
        worker = await Worker.open(prepared)
        try:
            await worker.connection.execute("truncate event, number, fact, dirty, finding, outbox, day, wake")
            worker.evaluator = type(worker.evaluator)(generation=1, bound=bound)
            for day in ("2021-04-11", "2021-04-12", "2021-05-31"):
                await worker.ingest([*BATCH, day_closed(day)])
                await worker.settle()
                rows = await worker.connection.fetch(
                    "select rule, state, params, evidence, evidence_count, content from finding"
                    " where rule in ('settlement-difference', 'slow-payment') order by 1"
                )
                found.append([dict(row) for row in rows])
                waits.append(
                    await worker.connection.fetchval("select due from wake where subject = 'batch:B1'")
                )
        finally:
            await worker.close()
    assert found[:3] == found[3:] and waits[:3] == waits[3:]
    assert [[one["rule"] for one in rows] for rows in found[:3]] == [
        [],
        ["settlement-difference", "slow-payment"],
        ["settlement-difference", "slow-payment"],
    ]
    (difference, slow) = found[2]
    paid_fen = sum(1000 + n for n in range(12) if n % 4 != 3 and n not in (1, 5))
    assert difference["params"]["paid_fen"] == paid_fen
    assert slow["params"]["paid_on"] == "2021-04-13"
