"""What stands in detection's folders is what there is: one list each, of what must be found there."""

from __future__ import annotations

import pytest

from events.catalogue import BY_TYPE, UPSTREAM_CONTEXTS
from services.detection.facts import BODIES, CONTEXTS, FACTS
from services.detection.facts.fact import kind_of
from services.detection.rules import ALL, BY_NAME, rules_of
from services.detection.subjects import DECLARED, subject_of
from services.detection.subjects.subject import Dossier, Lasting, Seen
from services.simulator.rules import RULES as MEANINGS

INTEGRITY = {
    "integrity-conflicting-content": ("event_id",),
    "integrity-number-used-twice": ("kind", "number"),
    "integrity-out-of-area": ("event_id",),
}
"""The rules about how facts were stated, whatever they say: not in the table of meanings, with their keys."""


def test_rules() -> None:
    assert set(BY_NAME) == {
        *("paid-after-death", "name-mismatch", "shared-account", "unentitled", "large-payment"),
        *("custody-expired", "custody-without-agreement", "custody-unfiled", "custody-unchecked"),
        *("many-custodies", "cadre-custody", "kinship-unreviewed", "kinship-undeclared"),
        *("clue-untransferred", "duplicate-relief"),
        *("petition-overdue", "closure-without-evidence"),
        *("single-signature-closure", "bulk-closure", "repeat-petition", "clue-unverified"),
        *("informant-unanswered", "reply-overdue", "unanswered-call", "rebound", "paper-rectification"),
        *("task-behind", "ledger-overdue"),
        *("application-clock", "missing-stage"),
        *("review-overdue", "income-match-unreviewed", "grace-overrun"),
        *("exit-without-follow-up", "exit-delayed"),
        *("frequent-payment", "batch-unsettled", "settlement-difference", "slow-payment", "recovered-short"),
        *("screening-waiting", "uncovered-at-risk", "single-person-not-offered", "tekun-agreement-missing"),
        *INTEGRITY,
    }


def test_subjects_that_are_not_plain() -> None:
    assert set(DECLARED) == {
        *("household", "account", "custody", "custodian", "kin", "filing"),
        *("clue", "petition", "occasion"),
        *("closer", "matter", "call", "task", "owing"),
        *("application", "benefit", "leaving", "match", "member", "person", "relief", "household_relief"),
        *("batch",),
        *("screening",),
        *("care",),
        *("identifier", "business_number", "bounds"),
    }


def test_contexts() -> None:
    assert (
        set(CONTEXTS)
        == {
            *("enrollment", "payments", "vitals", "custody", "policy", "calendar"),
            *("clues", "petitions", "relief", "officials", "kinship", "identity"),
            *("hotline", "campaign"),
            *("funds",),
            *("screening",),
            *("tekun",),
            *("survey",),
        }
        == {*UPSTREAM_CONTEXTS, "calendar"}
    )
    assert rules_of([BY_NAME["integrity-number-used-twice"]]).contexts == CONTEXTS


def test_all_rules_together_read_all_there_is_and_one_alone_what_it_needs() -> None:
    assert ALL.contexts == CONTEXTS
    alone = rules_of([BY_NAME["shared-account"]])
    assert alone.contexts == ("payments",)
    assert alone.kinds == {"account", "payment", "policy", "calendar", "identity"}


def test_every_fact_is_of_a_type_of_the_contract_and_every_kind_is_one() -> None:
    assert FACTS.keys() <= BY_TYPE.keys()
    kinds = [kind_of(body) for body in BODIES]
    assert len(kinds) == len(set(kinds))


@pytest.mark.parametrize("rule", ALL.rules, ids=lambda rule: rule.name)
def test_a_rule_is_what_the_table_of_meanings_says(rule: object) -> None:
    declared = BY_NAME[rule.name]  # type: ignore[attr-defined]
    if declared.name in INTEGRITY:
        assert declared.key == INTEGRITY[declared.name]
        return
    (meant,) = [one for one in MEANINGS if one.name == declared.name]
    assert declared.key == meant.key
    assert set(meant.requirements) <= set(declared.requirements)
    assert {one.name for one in declared.parameters} == set(meant.parameters)


@pytest.mark.parametrize("rule", ALL.rules, ids=lambda rule: rule.name)
def test_a_rule_on_a_dossier_wakes_when_a_fact_dated_ahead_is_there(rule: object) -> None:
    declared = BY_NAME[rule.name]  # type: ignore[attr-defined]
    view = subject_of(declared.subject).view(Seen("X1", Lasting()))
    assert declared.next_due is not None or not isinstance(view, Dossier)


@pytest.mark.parametrize("rule", ALL.rules, ids=lambda rule: rule.name)
def test_what_a_rule_reads_is_kept(rule: object) -> None:
    declared = BY_NAME[rule.name]  # type: ignore[attr-defined]
    read = [fact for one in subject_of(declared.subject).neighbours for fact in one.facts]
    assert declared.neighbours <= set(read)
    assert declared.triggers | declared.later <= set(BODIES)
