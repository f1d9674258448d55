"""Ledgers as plain folds, beside ``ledgers.py``: a row is the last statement of a number, or of a person.

A row has the columns of the ledger, with persons by their keys. Of several statements of a number the last
counts, by business date, then event id; so of several statements of each step.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Any

from tests.oracle.facts import Fact
from tests.oracle.ledgers import by_business_date, day, division_of, times_of
from tests.oracle.membership import Household, Spell, Stay, households_of
from tests.oracle.persons import person_key

Row = dict[str, Any]
Steps = dict[str, Fact]


def last_of(facts: Iterable[Fact], kind: str, number: str, where: Callable[[Fact], bool] = bool) -> Steps:
    """The last statement of each number."""
    found = (fact for fact in by_business_date(facts, kind) if number in fact.data and where(fact))
    return {fact.data[number]: fact for fact in found}


def id_of(fact: Fact | None) -> str | None:
    return fact.event_id if fact else None


def on(fact: Fact | None) -> date | None:
    return fact.business_date if fact else None


def said(fact: Fact | None, *names: str) -> Row:
    """The fields as they are stated; None where they are not."""
    return {name: fact.data.get(name) if fact else None for name in names}


def problems(facts: list[Fact]) -> list[Row]:
    households = households_of(facts)
    times = times_of(facts, "campaign.problem_found", "problem_no")
    rectifications = last_of(facts, "campaign.problem_rectified", "problem_no")
    rechecks = last_of(facts, "campaign.problem_rechecked", "problem_no")
    rows = []
    for number, fact in last_of(facts, "campaign.problem_found", "problem_no").items():
        rectified, rechecked = rectifications.get(number), rechecks.get(number)
        words = [(on(rectified), 0, "rectified")] if rectified else []
        words += [(on(rechecked), 1, rechecked.data["result"])] if rechecked else []
        rows.append(
            {
                "event_id": fact.event_id,
                "problem_no": number,
                "village": division_of(fact, households),
                "found_on": fact.business_date,
                **said(fact, "campaign_no", "stage", "task_class", "found_by", "household_no", "official_no"),
                **said(fact, "amount_fen", "earlier_problem_no"),
                "due_on": day(fact.data.get("due_on")),
                "rectified_on": on(rectified),
                **said(rectified, "measure", "confirmed_by"),
                "recovered_fen": rectified.data.get("amount_fen") if rectified else None,
                "rechecked_on": on(rechecked),
                **said(rechecked, "result"),
                "status": max(words)[2] if words else "open",
                "rectified_by": id_of(rectified),
                "rechecked_by": id_of(rechecked),
                "twice": times[number] > 1,
            }
        )
    return rows


def clues(facts: list[Fact]) -> list[Row]:
    households = households_of(facts)
    times = times_of(facts, "clues.received", "clue_no")
    steps = {
        kind: last_of(facts, f"clues.{kind}", "clue_no")
        for kind in ("verified", "transferred", "taken_over", "case_opened")
    }
    decided: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for kind in ("held_accountable", "exempted"):
        for fact in by_business_date(facts, f"clues.{kind}"):
            decided[fact.data["clue_no"], kind].append(fact)
    rows = []
    for number, fact in last_of(facts, "clues.received", "clue_no").items():
        verified, transferred, taken_over, opened = (of.get(number) for of in steps.values())
        accountable, exempted = decided[number, "held_accountable"], decided[number, "exempted"]
        status = "received"
        for step, name in zip((verified, transferred, taken_over, opened), steps, strict=True):
            status = name if step else status
        rows.append(
            {
                "event_id": fact.event_id,
                "clue_no": number,
                "received_on": fact.business_date,
                "village": division_of(fact, households),
                **said(fact, "track", "origin", "named", "household_no", "petition_no"),
                "about": fact.data["kind"],
                "verified_on": on(verified),
                **said(verified, "result"),
                "informant_answered_on": day(verified.data.get("informant_answered_on"))
                if verified
                else None,
                "transferred_on": on(transferred),
                **said(transferred, "to_body"),
                "taken_over_on": on(taken_over),
                **said(opened, "case_no"),
                "opened_on": on(opened),
                "decided_on": max((each.business_date for each in accountable + exempted), default=None),
                "accountable": len({person_key(each.data["person"], each.source) for each in accountable}),
                "exempted": len({person_key(each.data["person"], each.source) for each in exempted}),
                "status": "decided" if accountable or exempted else status,
                "twice": times[number] > 1,
            }
        )
    return rows


def relief(facts: list[Fact]) -> list[Row]:
    times = times_of(facts, "relief.granted", "relief_no")
    return [
        {
            "event_id": fact.event_id,
            "relief_no": number,
            "person": person_key(fact.data["person"], fact.source),
            "village": fact.data["division"],
            **said(fact, "household_no", "cause", "occasion_no", "amount_fen"),
            "person_times": fact.data.get("person_times", 1),
            "from_reserve": fact.data.get("from_reserve", False),
            "granted_on": fact.business_date,
            "twice": times[number] > 1,
        }
        for number, fact in last_of(facts, "relief.granted", "relief_no").items()
    ]


def applications(facts: list[Fact]) -> list[Row]:
    households = households_of(facts)
    times = times_of(facts, "enrollment.applied", "application_no")
    granted = last_of(facts, "enrollment.enrolled", "application_no")
    refused = last_of(facts, "enrollment.refused", "application_no")

    def stage(kind: str, field: str, value: str) -> Steps:
        return last_of(facts, f"enrollment.{kind}", "application_no", lambda fact: fact.data[field] == value)

    stages = {
        f"{kind}_on": stage("investigated", "kind", kind)
        for kind in ("information_check", "household_visit", "neighbourhood", "democratic_review")
    } | {f"{kind}_posted_on": stage("publicised", "stage", kind) for kind in ("review", "decision")}
    rows = []
    for number, fact in last_of(facts, "enrollment.applied", "application_no").items():
        ends = [end for end in (granted.get(number), refused.get(number)) if end]
        end = max(ends, key=lambda one: (one.business_date, one.event_id), default=None)
        refusal = end if end and end.kind == "enrollment.refused" else None
        grant = end if end and end.kind == "enrollment.enrolled" else None
        rows.append(
            {
                "event_id": fact.event_id,
                "application_no": number,
                "applied_on": fact.business_date,
                "village": division_of(fact, households),
                "applicant": person_key(fact.data["applicant"], fact.source),
                **said(fact, "household_no", "programme", "person_count", "channel", "kin_of_official"),
                "delegated": fact.data.get("delegated", False),
                **{name: on(of.get(number)) for name, of in stages.items()},
                "decided_on": on(grant),
                "refused_on": on(refusal),
                **said(refusal, "ground"),
                "notified_on": day(refusal.data.get("notified_on")) if refusal else None,
                "status": "granted" if grant else "refused" if refusal else "waiting",
                "days_taken": (end.business_date - fact.business_date).days if end else None,
                "decided_by": id_of(end),
                "twice": times[number] > 1,
            }
        )
    return rows


def deaths(facts: list[Fact]) -> list[Row]:
    """Without what was overpaid, which detection says."""
    recovered: dict[tuple[str, str], int] = defaultdict(int)
    for fact in by_business_date(facts, "payments.recovered"):
        if fact.data["cause"] == "death":
            recovered[fact.data["household_no"], fact.data["programme"]] += fact.data["amount_fen"]
    registered = sorted(
        (fact for fact in facts if fact.kind == "vitals.died"),
        key=lambda fact: (fact.data["registered_on"], fact.event_id),
    )
    last = {person_key(fact.data["person"], fact.source): fact for fact in registered}
    rows = []
    for household in households_of(facts).values():
        for (programme, person), (_, stay) in _last_stays(household, last).items():
            fact, stopped = last[person], stay.left_by
            registered_on = date.fromisoformat(fact.data["registered_on"])
            rows.append(
                {
                    "event_id": fact.event_id,
                    "person": person,
                    "died_on": fact.business_date,
                    "registered_on": registered_on,
                    **said(fact, "registry"),
                    "household_no": household.household_no,
                    "programme": programme,
                    "stop_month": stay.to_month,
                    "stopped_on": on(stopped),
                    "days_taken": (stopped.business_date - registered_on).days if stopped else None,
                    "stopped_by": id_of(stopped),
                    "recovered_fen": recovered[household.household_no, programme],
                    "status": "stopped" if stay.to_month else "going_on",
                }
            )
    return rows


def _last_stays(household: Household, deaths: Steps) -> dict[tuple[str, str], tuple[Spell, Stay]]:
    """The last stay of each of the dead in each programme that did not end before they died."""
    found = {}
    for spell in household.spells:
        for stay in sorted(spell.stays, key=lambda one: one.from_month):
            died = deaths.get(stay.person)
            if died and (stay.to_month is None or stay.to_month > f"{died.business_date:%Y-%m}"):
                found[spell.programme, stay.person] = spell, stay
    return found


def reviews(facts: list[Fact]) -> list[Row]:
    """Every household that receives, and every one that was gone over, by programme."""
    checks = {
        (fact.data["household_no"], fact.data["programme"]): fact
        for fact in by_business_date(facts, "screening.household_checked")
    }
    households = households_of(facts)
    spells = {
        (spell.household_no, spell.programme): spell
        for household in households.values()
        for spell in household.spells
    }
    receiving = {pair for pair, spell in spells.items() if spell.to_month is None}
    rows = []
    for pair in sorted(receiving | checks.keys()):
        check, spell = checks.get(pair), spells.get(pair)
        wrong = check and (
            check.data["comparison"] == "inconsistent" or check.data["conclusion"] != "eligible"
        )
        rows.append(
            {
                "household_no": pair[0],
                "programme": pair[1],
                "head": _head(spell) if spell else None,
                "checked_on": on(check),
                **said(check, "person_count", "entitlement_fen", "comparison", "conclusion", "screening_no"),
                "handled": "handling" in check.data if check else None,
                "status": "due" if check is None else "problem" if wrong else "checked",
                "receives": pair in receiving,
                "checked_by": id_of(check),
                "began_by": id_of(spell.enrolled) if spell and pair in receiving else None,
            }
        )
    return rows


def _head(spell: Spell) -> str | None:
    heads = [stay for stay in spell.stays if stay.relation in ("户主", "本人")]
    # Who is still there before who has left, then who came later, then by person.
    heads.sort(key=lambda stay: stay.person)
    heads.sort(key=lambda stay: (stay.to_month is None, stay.from_month), reverse=True)
    return heads[0].person if heads else None


_FUNDS = {
    "raised": ("fund_no", None),
    "allocated": ("allocation_no", "fund_no"),
    "appropriated": ("appropriation_no", "allocation_no"),
    "batch_submitted": ("batch_no", None),
}


def funds(facts: list[Fact]) -> list[Row]:
    settlements = last_of(facts, "funds.batch_settled", "batch_no")
    rows = []
    for kind, (number_field, parent) in _FUNDS.items():
        times = times_of(facts, f"funds.{kind}", number_field)
        for number, fact in last_of(facts, f"funds.{kind}", number_field).items():
            data = fact.data
            settled = settlements.get(number) if kind == "batch_submitted" else None
            paid = settled.data["paid_fen"] + settled.data["failed_fen"] if settled else None
            rows.append(
                {
                    "event_id": fact.event_id,
                    "fund_stage": kind,
                    "number": number,
                    "parent_no": data.get(parent) if parent else None,
                    "period": data.get("month") or str(data["year"]),
                    "day": fact.business_date,
                    "village": data.get("division") or data.get("to_division"),
                    **said(fact, "programme", "amount_fen", "level", "bank", "document", "household_count"),
                    **said(fact, "person_count"),
                    "settled_on": on(settled),
                    **said(settled, "paid_count", "paid_fen", "failed_count", "failed_fen"),
                    "difference_fen": data["amount_fen"] - paid if paid is not None else None,
                    "days_taken": (settled.business_date - date.fromisoformat(data["decided_on"])).days
                    if settled
                    else None,
                    "settled_by": id_of(settled),
                    "twice": times[number] > 1,
                }
            )
    return rows


def screening(facts: list[Fact]) -> list[Row]:
    times = times_of(facts, "screening.listed", "screening_no")
    steps = {
        kind: last_of(facts, f"screening.{kind}", "screening_no")
        for kind in ("visited", "assessed", "concluded")
    }
    rows = []
    for number, fact in last_of(facts, "screening.listed", "screening_no").items():
        visited, assessed, concluded = (of.get(number) for of in steps.values())
        rows.append(
            {
                "event_id": fact.event_id,
                "screening_no": number,
                "listed_on": fact.business_date,
                "person": person_key(fact.data["person"], fact.source),
                "village": fact.data["division"],
                **said(fact, "category", "list_name", "household_no"),
                "visited_on": on(visited),
                **said(visited, "met"),
                "assessed_on": on(assessed),
                **said(assessed, "labour", "earning", "relapse_risk", "per_capita_income_fen"),
                **said(assessed, "income_change_fen", "expense_change_fen"),
                "concluded_on": on(concluded),
                **said(concluded, "outcome", "application_no"),
                "concluded_by": id_of(concluded),
                "twice": times[number] > 1,
            }
        )
    return rows


_CARE = ("central_demanded", "admitted", "discharged", "dispersed_care_begun", "care_agreement_signed")


def tekun(facts: list[Fact]) -> list[Row]:
    """A row a person of a household."""
    households = households_of(facts)
    steps = sorted(
        (fact for fact in facts if fact.kind.startswith("tekun.")),
        key=lambda fact: (fact.business_date, fact.event_id),
    )
    of_persons: dict[tuple[str, str], list[Fact]] = defaultdict(list)
    for fact in steps:
        of_persons[fact.data["household_no"], person_key(fact.data["person"], fact.source)].append(fact)
    rows = []
    for (household_no, person), known in of_persons.items():
        demanded, admitted, discharged, begun, signed = (
            next((fact for fact in reversed(known) if fact.kind == f"tekun.{kind}"), None) for kind in _CARE
        )
        stated = [fact.data["division"] for fact in known if "division" in fact.data]
        able = [fact.data["self_care"] for fact in known if "self_care" in fact.data]
        kinds = [fact.kind.removeprefix("tekun.") for fact in known]
        standing = [kind for kind in kinds if kind != "care_agreement_signed"]
        home = households.get(household_no)
        rows.append(
            {
                "event_id": known[0].event_id,
                "household_no": household_no,
                "person": person,
                "village": stated[-1] if stated else home.division if home else None,
                "self_care": able[-1] if able else None,
                "status": standing[-1] if standing else None,
                "first_on": known[0].business_date,
                "demanded_on": on(demanded),
                "admitted_on": on(admitted),
                **said(admitted, "institution"),
                "discharged_on": on(discharged),
                **said(discharged, "cause"),
                "begun_on": on(begun),
                **said(signed, "agreement_no", "carer_kind"),
                "carer": person_key(signed.data["carer"], signed.source) if signed else None,
                "signed_on": on(signed),
                "valid_from": day(signed.data["valid_from"]) if signed else None,
                "valid_to": day(signed.data["valid_to"]) if signed else None,
            }
        )
    return rows


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def hotline(facts: list[Fact]) -> list[Row]:
    """Every call with its first answer; resolved by any."""
    times = times_of(facts, "hotline.called", "call_no")
    calls = sorted(
        (fact for fact in facts if fact.kind == "hotline.called"),
        key=lambda fact: (_instant(fact.data["called_at"]), fact.event_id),
    )
    answers: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        if fact.kind == "hotline.answered":
            answers[fact.data["call_no"]].append(fact)
    rows = []
    for number, fact in {fact.data["call_no"]: fact for fact in calls}.items():
        given = sorted(answers[number], key=lambda one: (_instant(one.data["answered_at"]), one.event_id))
        taken = fact.data["picked_up"]
        if given:
            status = "resolved" if any(one.data["resolved"] for one in given) else "answered"
        else:
            status = "missed" if not taken else "waiting" if "matter_code" in fact.data else "taken"
        caller = fact.data.get("caller")
        rows.append(
            {
                "event_id": fact.event_id,
                "call_no": number,
                "village": fact.data.get("division"),
                **said(fact, "line", "picked_up", "matter_code"),
                "called_on": fact.business_date,
                "caller": person_key(caller, fact.source) if caller else None,
                "due_on": day(fact.data.get("due_on")),
                "answered_on": given[0].business_date if given else None,
                "answered_by": given[0].event_id if given else None,
                "status": status,
                "twice": times[number] > 1,
            }
        )
    return rows


def kinship(facts: list[Fact]) -> list[Row]:
    households = households_of(facts)
    times = times_of(facts, "kinship.declared", "filing_no")
    reviewed = last_of(facts, "kinship.reviewed", "filing_no")
    rows = []
    for number, fact in last_of(facts, "kinship.declared", "filing_no").items():
        review = reviewed.get(number)
        rows.append(
            {
                "event_id": fact.event_id,
                "filing_no": number,
                "village": division_of(fact, households),
                "official": person_key(fact.data["official"], fact.source),
                "relative": person_key(fact.data["relative"], fact.source),
                **said(fact, "household_no", "programme", "official_no", "official_kind", "post", "relation"),
                "declared_on": fact.business_date,
                "reviewed_on": on(review),
                "reviewers": review.data.get("reviewers", []) if review else None,
                **said(review, "visited", "outcome"),
                "reviewed_by": id_of(review),
                "twice": times[number] > 1,
            }
        )
    return rows


def officials(facts: list[Fact]) -> list[Row]:
    times = times_of(facts, "officials.appointed", "appointment_no")
    gone = last_of(facts, "officials.left", "appointment_no")
    rows = []
    for number, fact in last_of(facts, "officials.appointed", "appointment_no").items():
        left = gone.get(number)
        rows.append(
            {
                "event_id": fact.event_id,
                "appointment_no": number,
                "person": person_key(fact.data["person"], fact.source),
                "village": fact.data.get("division"),
                **said(fact, "official_no", "body", "post", "kind", "group_role", "document"),
                "appointed_on": fact.business_date,
                "left_on": on(left),
                **said(left, "cause"),
                "left_by": id_of(left),
                "twice": times[number] > 1,
            }
        )
    return rows


def policies(facts: list[Fact]) -> list[Row]:
    times = times_of(facts, "policy.issued", "policy_no")
    return [
        {
            "event_id": fact.event_id,
            "policy_no": number,
            "village": fact.data.get("division"),
            **said(fact, "title", "document", "issued_by", "gives"),
            "from_day": fact.business_date,
            "to_day": day(fact.data.get("to")),
            "conditions": fact.data.get("conditions", []),
            "twice": times[number] > 1,
        }
        for number, fact in last_of(facts, "policy.issued", "policy_no").items()
    ]


def survey(facts: list[Fact]) -> list[Row]:
    times = times_of(facts, "survey.answered", "survey_no", "answer_no")
    designed = last_of(facts, "survey.designed", "survey_no")
    answers = {
        (fact.data["survey_no"], fact.data["answer_no"]): fact
        for fact in by_business_date(facts, "survey.answered")
    }
    rows = []
    for number, fact in answers.items():
        person = fact.data.get("person")
        rows.append(
            {
                "event_id": fact.event_id,
                "village": fact.data["division"],
                **said(fact, "survey_no", "answer_no", "result", "satisfaction"),
                **said(designed.get(number[0]), "title", "surveyor"),
                "answered_on": fact.business_date,
                "person": person_key(person, fact.source) if person else None,
                "twice": times[number] > 1,
            }
        )
    return rows


_ITEMS = {
    "opened": ("campaign_no", "title", None, None),
    "task_assigned": ("task_no", "title", "task_class", "task_reported"),
    "visited": ("visit_no", None, "kind", None),
    "talked_to": ("talk_no", None, None, None),
    "met": ("meeting_no", None, "kind", None),
    "circulated": ("circular_no", "document", "kind", None),
    "ledger_submitted": ("submission_no", "quarter", None, None),
    "project_started": ("project_no", "title", None, "project_reported"),
    "trained": ("training_no", "subject", None, None),
}


def campaign(facts: list[Fact]) -> list[Row]:
    """Of several reports of one day the farther one counts."""
    rows = []
    for kind, (number_field, title, what, reporting) in _ITEMS.items():
        times = times_of(facts, f"campaign.{kind}", number_field)
        reports: dict[str, list[Fact]] = defaultdict(list)
        for report in by_business_date(facts, f"campaign.{reporting}"):
            reports[report.data[number_field]].append(report)
        for number, fact in last_of(facts, f"campaign.{kind}", number_field).items():
            last = max(
                reports[number],
                key=lambda one: (one.business_date, one.data["progress"], one.event_id),
                default=None,
            )
            status = "recorded"
            if reporting:
                status = "to_do" if last is None else "done" if last.data.get("done") else "under_way"
            rows.append(
                {
                    "event_id": fact.event_id,
                    "kind": kind,
                    "number": number,
                    "village": fact.data.get("division"),
                    "day": fact.business_date,
                    "what": fact.data[what] if what else None,
                    "title": fact.data.get(title) if title else None,
                    **said(fact, "campaign_no", "ledger", "assigned_to"),
                    "due_on": day(fact.data.get("due_on")),
                    "reported_on": on(last),
                    **said(last, "progress"),
                    "status": status,
                    "reported_by": id_of(last),
                    "twice": times[number] > 1,
                }
            )
    return rows


REGISTERS: dict[str, Callable[[list[Fact]], list[Row]]] = {
    "applications": applications,
    "campaign": campaign,
    "clues": clues,
    "deaths": deaths,
    "funds": funds,
    "hotline": hotline,
    "kinship": kinship,
    "officials": officials,
    "policies": policies,
    "problems": problems,
    "relief": relief,
    "review": reviews,
    "screening": screening,
    "survey": survey,
    "tekun": tekun,
}
PERSONS = ("applicant", "caller", "carer", "head", "official", "person", "relative")
"""The columns that hold a person's key."""
