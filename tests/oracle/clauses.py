"""The exception clauses of each rule, by name, so that a test can turn one off and see false positives."""

from __future__ import annotations

from collections.abc import Collection

EVERY_RULE = {
    "voided": "a fact that was voided does not count",
    "repeated": "the same fact stated again counts once",
    "conflict": "an id with two contents does not count",
}

RETURNED = {"returned": "a payment that came back was not kept"}

CLAUSES: dict[str, dict[str, str]] = {
    "paid-after-death": EVERY_RULE
    | RETURNED
    | {
        "month_of_death": "the month of death itself may still be paid",
        "left": "a person who has left the household before is not paid for any more",
        "grace": "during the grace months the office may not know yet: info, not high",
    },
    "name-mismatch": EVERY_RULE
    | RETURNED
    | {
        "custody": "a valid custody clears the custodian's name",
        "member_account": "the account of any member will do, not only of the first",
        "any_programme": "a member in another programme of the household is a member",
        "former_member": "where nobody is a member in the month, past and future members will do",
        "normalised": "blanks, width and kind of middle dot do not make another name",
        "institution": "institutions receive for tekun",
    },
    "shared-account": EVERY_RULE
    | RETURNED
    | {
        "institution": "an institution's account is a collective one",
        "same_household": "two programmes of one household may share its account",
        "same_month": "an account may be handed on to another household later",
        "arrears": "arrears are not regular payments",
        "one_off": "one-off payments are not regular payments",
    },
    "unentitled": EVERY_RULE
    | RETURNED
    | {
        "arrears": "arrears belong to the month they are for, not to the month they are paid in",
        "one_off": "one-off relief needs no enrolment",
        "enrolled_again": "a later spell entitles as well",
    },
    "large-payment": EVERY_RULE
    | RETURNED
    | {
        "arrears": "arrears explain a large sum",
        "one_off": "one-off payments are not regular payments",
        "adjustment": "the entitlement of the month counts, not the first one",
        "policy": "the multiple that policy allows",
        "outside_spell": "a month outside any spell belongs to unentitled",
    },
    "custody-expired": EVERY_RULE
    | {
        "ended": "a custody that was ended is not overdue",
        "left": "the beneficiary has left the household",
        "renewed": "a later grant of the same custody counts",
        "last_day": "valid_to is the last valid day",
    },
}
"""Rule → clause → what the clause says. Give names to `scan.findings(..., without=...)`."""


def check_known(without: Collection[str]) -> None:
    """Raises ValueError for a name that no rule has."""
    unknown = set(without) - {name for clauses in CLAUSES.values() for name in clauses}
    if unknown:
        raise ValueError(f"no such clause: {sorted(unknown)}")
