"""What every labelled rule means: the one table that labels follow and that detectors are measured by.

D is the latest closed day, m(d) the month of a day d. A label holds as of the last day of the run.

A *clock* is a rule about something to be done by a day. Its finding is open where ``due_on`` < D and it
was not done by then: with the rule's severity while it is not done, with ``low`` once it was done late. Its
extras are ``due_on`` and, where it was done late, ``done_on``; both stay the same however much time passes.
Working days are Monday to Friday, less the holidays and plus the make-up days of ``calendar.year_arranged``.

A card is *held* on D from valid_from on, where its custody is not voided, not ended by D, and the
beneficiary is a member of the household in m(D). The last handing over by D says who holds it:
to_beneficiary nobody, else whoever took it, of the custodian_kind that it states or else the grant's;
agreement, filing and checks that are there count for whoever holds it. States of a card take the
parameters' values of D.

Persons in keys are ID numbers here, tokens in findings; accounts likewise. Lists are sorted.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule by its name. ``key`` names a finding, ``extras`` are what labels say of it beside a severity."""

    name: str
    requirements: tuple[str, ...]
    key: tuple[str, ...]
    severity: str
    open_when: str
    extras: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()


CLOCK = ("due_on", "done_on")

RULES: tuple[Rule, ...] = (
    # -- the spine: contract.md has the whole of it ---------------------------------------------------------
    Rule(
        "paid-after-death",
        ("R33",),
        ("household_no", "programme", "month", "person"),
        "info within the months of grace, then high",
        "a live payment for a month after that in which a member died",
        ("overpaid_fen",),
        ("death.grace_months",),
    ),
    Rule(
        "name-mismatch",
        ("R27",),
        ("household_no", "programme", "month", "account"),
        "high; medium where a custody fails; low where only a weaker form of the name is a member's",
        "a live payment whose holder is no member, and no custody clears it",
    ),
    Rule(
        "shared-account",
        ("R28",),
        ("account", "month"),
        "high",
        "live regular payments of two households to one account for one month",
        ("households",),
    ),
    Rule(
        "unentitled",
        ("R15", "R29"),
        ("household_no", "programme", "month"),
        "high",
        "a live regular or arrears payment for a month in no spell",
        ("when",),
    ),
    Rule(
        "large-payment",
        ("R29",),
        ("household_no", "programme", "month"),
        "medium",
        "live regular payments for a month exceed the multiple of the entitlement",
        ("excess_fen",),
        ("large_payment.multiple",),
    ),
    Rule(
        "custody-expired",
        ("R32",),
        ("custody_no",),
        "medium",
        "a custody not ended, past valid_to, of somebody who is a member in m(D)",
    ),
    # -- cards ----------------------------------------------------------------------------------------------
    Rule(
        "custody-without-agreement",
        ("R32",),
        ("custody_no",),
        "medium",
        "a held card, not an institution's: more than agreement_days after valid_from there is no "
        "agreement_no on the grant and no agreement_filed",
        (),
        ("custody.agreement_days",),
    ),
    Rule(
        "custody-unfiled",
        ("R31", "R32"),
        ("custody_no",),
        "medium",
        "a held card, not an institution's: more than filing_days after valid_from the grant has no "
        "filed_on and no agreement_filed is with the county, or with the township where no official holds"
        " the card (custodian_kind village_official, township_staff)",
        (),
        ("custody.filing_days",),
    ),
    Rule(
        "custody-unchecked",
        ("R31", "R32"),
        ("custody_no",),
        "medium",
        "a held card, an institution's too, whose latest check (valid_from before the first; one before "
        "that is none) lies more than check_months before D",
        ("due_on",),
        ("custody.check_months",),
    ),
    Rule(
        "many-custodies",
        ("R32",),
        ("person",),
        "medium",
        "one person holds cards of more households than cards_per_custodian on D; an institution's do not "
        "count, also where the same person holds others",
        ("cards",),
        ("custody.cards_per_custodian",),
    ),
    Rule(
        "cadre-custody",
        ("R32",),
        ("custody_no",),
        "high",
        "a held card, not an institution's, whose holder is in office on D by the roster (on left_on "
        "itself, too), and one of these fails: kind, the custodian_kind says openly what they are, or it is "
        "relative and a kinship filing of the household, not last reviewed as not_related, names them as "
        "its official; agreement, it is there or not yet due; filing, the grant's filed_on or an "
        "agreement_filed with the county is there, or not yet due",
        ("fails",),
        ("custody.agreement_days", "custody.filing_days"),
    ),
    # -- kin ------------------------------------------------------------------------------------------------
    Rule(
        "kinship-unreviewed",
        ("R16",),
        ("filing_no",),
        "medium",
        "clock: a filing is reviewed with a visit within review_days of declared_on, while the household "
        "is in a spell of that programme in m(due_on)",
        CLOCK,
        ("kinship.review_days",),
    ),
    Rule(
        "kinship-undeclared",
        ("R17",),
        ("household_no",),
        "high",
        "clock: a household of an official's near relative is filed within filing_days, while it is in a "
        "spell in m(due_on), by a filing that names each such official. It is one from the earliest day on "
        "which somebody in office is a member (ground member: from_month's first day, decided_on, or the "
        "day of time for who is added, and appointed_on, the last of these) or holds the card as a relative "
        "(custodian: since when they hold it, and appointed_on), or from_month's first day and decided_on "
        "of an enrolment on an application that declares kin_of_official (application; any filing will do). "
        "Not owed where before due_on the official left office, the member left, or the custody ended. "
        "Enrolled again: the clock of the spell that runs now. ground names all of the earliest day, "
        "application+member+custodian",
        (*CLOCK, "ground"),
        ("kinship.filing_days",),
    ),
    # -- before the decision --------------------------------------------------------------------------------
    Rule(
        "application-clock",
        ("R36", "R50"),
        ("application_no", "stage"),
        "medium",
        "clock, in working days: investigation, the first step of a kind that investigation_steps names "
        "(any: of whatever kind), or the decision, within investigation_days of applied_on; decision, "
        "enrolled (also without naming the application, same household and programme), refused, or where it "
        "asks for temporary relief granted that, within total_days of applied_on, delegated_days where the "
        "township decides, extended_days where a step that was done by then is doubtful; notice, notified_on "
        "within notice_days of the first refused_on",
        CLOCK,
        (
            "application.investigation_days",
            "application.investigation_steps",
            "application.total_days",
            "application.extended_days",
            "application.delegated_days",
            "application.notice_days",
        ),
    ),
    Rule(
        "missing-stage",
        ("R50",),
        ("application_no", "stage"),
        "medium",
        "a household is enrolled on an application_no, and up to the first decided_on there is no applied "
        "(application), no household_visit, no information_check, or no publicity (stage review) that had "
        "hung for publicity_days by then; short notices do not add up",
        (),
        ("application.publicity_days",),
    ),
    # -- after the decision ---------------------------------------------------------------------------------
    Rule(
        "review-overdue",
        ("R15", "R18"),
        ("household_no", "programme"),
        "medium",
        "a household in a spell of 低保 in m(D) whose last review in that programme (or the spell's "
        "decided_on, if later) lies more than stable_months before D, or unstable_months where the latest "
        "review of the spell with an income_class says unstable or able_bodied; follow-ups are no reviews",
        ("due_on",),
        ("review.stable_months", "review.unstable_months"),
    ),
    Rule(
        "income-match-unreviewed",
        ("R14",),
        ("comparison_no",),
        "medium",
        "clock: a hit is reviewed within review_days of compared_on; the comparison is stated again with "
        "what came of it, of which the last statement (by time) decides; not where the person left "
        "before due_on",
        CLOCK,
        ("comparison.review_days",),
    ),
    Rule(
        "grace-overrun",
        ("R20",),
        ("household_no", "programme", "from_month"),
        "medium",
        "clock: within decision_days of the end of grace (to_month, or the last of grace.months where it was "
        "granted for longer; grants in a row count together) the household has left, was reviewed in or "
        "after that last month, or the next grant in a row was decided; follow-ups are no reviews",
        CLOCK,
        ("grace.months", "grace.decision_days"),
    ),
    Rule(
        "exit-without-follow-up",
        ("R20",),
        ("household_no", "programme", "stop_month"),
        "medium",
        "clock: a household that left (also with its last member), but for death, is followed up (kind "
        "follow_up), or any of its last members is enrolled again, within follow_up_days of decided_on, "
        "unless it was ever merged into another, or divided so that its number is no longer used. What takes "
        "effect before the exit in the same household and programme is ended by it, whenever it was decided, "
        "and enrols nobody again; a household into which others were merged leaves like any other",
        CLOCK,
        ("exit.follow_up_days",),
    ),
    Rule(
        "exit-delayed",
        ("R15",),
        ("household_no", "programme", "found_on"),
        "medium",
        "clock: a household leaves within decision_days of the day on which it was found that the conditions "
        "no longer hold: found_on of an exit (also of members, but for death), or the first of reviews in a "
        "row with outcome stop that no later one takes back; of several days for one exit the earliest",
        CLOCK,
        ("exit.decision_days",),
    ),
    # -- people at risk -------------------------------------------------------------------------------------
    Rule(
        "screening-waiting",
        ("R18", "R19"),
        ("screening_no",),
        "medium",
        "clock: a listing is concluded within outcome_days of listed_on; not where the person died by due_on",
        CLOCK,
        ("screening.outcome_days",),
    ),
    Rule(
        "uncovered-at-risk",
        ("R20",),
        ("screening_no",),
        "high",
        "clock: where the last outcome is a programme, within cover_days of the concluded_on that first said "
        "so the person is enrolled or added as a member (in any programme; a spell that was over by then is "
        "none), or granted relief since listed_on where that is the outcome, or the application named is "
        "refused; not where the person died by due_on",
        CLOCK,
        ("screening.cover_days",),
    ),
    Rule(
        "single-person-not-offered",
        ("R22",),
        ("screening_no",),
        "medium",
        "an assessment names a policy that gives single_person_dibao and holds on assessed_on (all are "
        "listed), the last outcome is neither 低保 nor 特困供养, and the person is no member of a household "
        "in m(concluded_on)",
        ("policy_no", "outcome"),
    ),
    Rule(
        "tekun-agreement-missing",
        ("R24",),
        ("household_no", "person", "begun_on"),
        "medium",
        "clock: a care agreement that had not ended by begun_on of care at home is signed within "
        "agreement_days of it, while the person is a member in m(due_on), and neither died by then nor was "
        "admitted to an institution between the two days",
        CLOCK,
        ("tekun.agreement_days",),
    ),
    # -- relief ---------------------------------------------------------------------------------------------
    Rule(
        "duplicate-relief",
        ("R23",),
        ("person", "occasion_no"),
        "high",
        "more than one grant of temporary relief that names one occasion to one person",
        ("grants",),
    ),
    # -- petitions ------------------------------------------------------------------------------------------
    Rule(
        "repeat-petition",
        ("R38",),
        ("petition_no",),
        "low",
        "C1: an earlier petition (by filed_on, then event id), filed since 2018-01-01, is on the same "
        "matter_code and of the same petitioner or the same household",
    ),
    Rule(
        "petition-overdue",
        ("R37", "R55"),
        ("petition_no",),
        "medium",
        "clock: a petition is answered at the first stage, or closed, by the due_on of its acceptance, but "
        "at most answer_days and extension_days after accepted_on; where nobody accepted it, accept_days "
        "and answer_days after filed_on",
        CLOCK,
        ("petitions.accept_days", "petitions.answer_days", "petitions.extension_days"),
    ),
    Rule(
        "closure-without-evidence",
        ("R40", "R49"),
        ("petition_no",),
        "medium",
        "closed as settled, and no evidence is named",
    ),
    Rule(
        "single-signature-closure",
        ("R40",),
        ("petition_no",),
        "medium",
        "closed as settled or not_settled, and closed_by or confirmed_by is missing, or both are one person "
        "(also by two numbers): one name is one signature, whichever of the two it is",
    ),
    Rule(
        "bulk-closure",
        ("R49",),
        ("closed_by", "closed_on"),
        "medium",
        "one official closes more petitions than closures_a_day on one day; withdrawn ones do not count",
        ("petitions",),
        ("petitions.closures_a_day",),
    ),
    # -- clues ----------------------------------------------------------------------------------------------
    Rule(
        "clue-unverified",
        ("R66",),
        ("clue_no",),
        "medium",
        "clock: a clue on the track civil_affairs is verified within verify_days of received_on",
        CLOCK,
        ("clues.verify_days",),
    ),
    Rule(
        "clue-untransferred",
        ("R66",),
        ("clue_no",),
        "high",
        "clock: a clue of civil affairs that concerns a cadre and that its first verification found "
        "substantiated or partly so is transferred within transfer_days of verified_on",
        CLOCK,
        ("clues.transfer_days",),
    ),
    Rule(
        "informant-unanswered",
        ("R66",),
        ("clue_no",),
        "medium",
        "clock: the informant of a named clue of civil affairs is answered (informant_answered_on) within "
        "answer_days of the first verification",
        CLOCK,
        ("clues.answer_days",),
    ),
    # -- money ----------------------------------------------------------------------------------------------
    Rule(
        "frequent-payment",
        ("R28",),
        ("household_no", "programme", "month", "account"),
        "medium",
        "more live regular payments of one household's programme for one month to one account than "
        "regular_a_month (the payments are listed); institutions' accounts are excepted, and two households "
        "on one account are shared-account's",
        ("payments",),
        ("payments.regular_a_month",),
    ),
    Rule(
        "recovered-short",
        ("R33",),
        ("household_no", "programme"),
        "high",
        "overpaid_fen of the household's paid-after-death, months of grace included, is more than was "
        "recovered with cause death by D (short_fen), and due_on, recovery.days after the latest of these "
        "payments, is < D",
        ("due_on", "short_fen"),
        ("recovery.days",),
    ),
    Rule(
        "batch-unsettled",
        ("R35",),
        ("batch_no",),
        "medium",
        "clock: a submitted batch has a batch_settled by settle_days after the last day of its month",
        CLOCK,
        ("funds.settle_days",),
    ),
    Rule(
        "settlement-difference",
        ("R35",),
        ("batch_no",),
        "high",
        "paid_fen of the last settlement differs from the batch's payments by settled_on, those left out "
        "that were returned by then; a payment that was returned later is one that the bank had paid",
        ("difference_fen",),
    ),
    Rule(
        "slow-payment",
        ("R36",),
        ("batch_no",),
        "medium",
        "more than to_bank_days from decided_on to to_bank_on (link to_bank), or more than paid_days to the "
        "last paid_on of the batch's payments, returned ones included (link paid); limits are those of the "
        "last day of the batch's month",
        ("links",),
        ("funds.to_bank_days", "funds.paid_days"),
    ),
    # -- the campaign ---------------------------------------------------------------------------------------
    Rule(
        "task-behind",
        ("R56", "R59"),
        ("task_no",),
        "medium",
        "clock: a task that was assigned is reported done (done, at whatever progress) by its due_on, or by "
        "task_days after assigned_on where that is later, so that a last day before the plan's issue is none",
        CLOCK,
        ("campaign.task_days",),
    ),
    Rule(
        "ledger-overdue",
        ("R61", "R64"),
        ("campaign_no", "division", "ledger", "quarter"),
        "medium",
        "clock: each division that a campaign assigned a task to hands in each of the ledgers named by "
        "campaign.ledgers within ledger_days of the quarter's last day, and not before it, from the quarter "
        "of its own first assigned_on to that of the last to_on among the campaign's phases, or to the "
        "current one where none is stated (both parameters as on the quarter's last day; a quarter is owed "
        "once it is over)",
        CLOCK,
        ("campaign.ledger_days", "campaign.ledgers"),
    ),
    Rule(
        "rebound",
        ("R47",),
        ("problem_no",),
        "high",
        "a problem that was found and rectified is named as earlier_problem_no by another one, found after "
        "the day on which it was first rectified, or a recheck says rebounded; again_on is the first day of "
        "these. It stays however well it is put right afterwards",
        ("again_on",),
    ),
    Rule(
        "paper-rectification",
        ("R49",),
        ("problem_no",),
        "medium",
        "of a problem that was found and rectified, the latest word among rectifications and rechecks (by "
        "day, rechecks after rectifications of the same day, then event id) is a rectification without "
        "evidence (no_evidence) or a recheck that says not_rectified (recheck)",
        ("why",),
    ),
    # -- the hotline ----------------------------------------------------------------------------------------
    Rule(
        "unanswered-call",
        ("R52",),
        ("call_no",),
        "medium",
        "clock: a call that is not picked up, while somebody is rostered at its line (the minute a duty "
        "begins is in, the minute it ends is out), is called back within call_back_working_days",
        CLOCK,
        ("hotline.call_back_working_days",),
    ),
    Rule(
        "reply-overdue",
        ("R53", "R55"),
        ("call_no",),
        "medium",
        "clock: a call that is picked up and has a matter_code is answered by its due_on, or within "
        "reply_days of the call where it states none; also on the telephone an answer is a fact",
        CLOCK,
        ("hotline.reply_days",),
    ),
)

BY_NAME = {rule.name: rule for rule in RULES}
