"""What a release of the contract promised is kept; each way of breaking it is caught."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from events.catalogue import BY_TYPE
from events.compatibility import breaches
from events.event_type import EventType
from events.form import Account, ProtectedAccount, Sealed
from events.payments import Paid
from events.release import Contract, contract
from events.values import FreeText, Label

PAID = BY_TYPE["dibao.payments.paid.v1"]
VOIDED = BY_TYPE["dibao.payments.voided.v1"]
RETURNED = BY_TYPE["dibao.payments.returned.v1"]
RAISED = BY_TYPE["dibao.anomalies.raised.v1"]
RELEASED = contract([PAID, VOIDED, RETURNED, RAISED])

Change = Callable[[dict[str, Any]], object]


def changed(entry: EventType, change: Change) -> Contract:
    """The contract with one type changed."""
    after = deepcopy(RELEASED)
    change(after[entry.name])
    return after


def found(after: Contract) -> list[str]:
    return [f"{breach.where}: {breach.what}" for breach in breaches(RELEASED, after)]


def both(change: Callable[[dict[str, Any]], object]) -> Change:
    """The same change to the schemas of both forms."""

    def changes(row: dict[str, Any]) -> None:
        change(row["readable"])
        change(row["log"])

    return changes


def fields(**properties: Any) -> Change:
    """Fields set, or changed, in both forms."""
    return both(lambda schema: schema["properties"].update(deepcopy(properties)))


def amended(field: str, **words: Any) -> Change:
    """Words set in a field's schema in both forms; ``None`` takes a word away."""

    def amend(schema: dict[str, Any]) -> None:
        node = schema["properties"][field]
        node.update(words)
        for word in [word for word, value in words.items() if value is None]:
            del node[word]

    return both(amend)


def test_what_is_as_it_was_breaks_nothing() -> None:
    assert breaches(RELEASED, deepcopy(RELEASED)) == []


WRONG: dict[str, tuple[EventType, Change, list[str]]] = {
    "a field removed": (
        PAID,
        both(lambda schema: (schema["properties"].pop("batch_no"), schema["required"].remove("batch_no"))),
        ["readable.batch_no: the field is gone", "log.batch_no: the field is gone"],
    ),
    "an optional field removed": (
        PAID,
        both(lambda schema: schema["properties"].pop("division")),
        ["readable.division: the field is gone", "log.division: the field is gone"],
    ),
    "a new field required": (
        PAID,
        both(
            lambda schema: (
                schema["properties"].update(till={"type": "string"}),
                schema["required"].append("till"),
            )
        ),
        ["readable.till: a new field is required", "log.till: a new field is required"],
    ),
    "an optional field required": (
        PAID,
        both(lambda schema: schema["required"].append("division")),
        ["readable.division: the field became required", "log.division: the field became required"],
    ),
    "a required field optional": (
        PAID,
        both(lambda schema: schema["required"].remove("batch_no")),
        ["log.batch_no: the field was always there and may be missing"],
    ),
    "a type narrowed": (
        RAISED,
        fields(evidence_count={"type": "string"}),
        [  # nobody could state it: only who reads the log was promised something
            "log.evidence_count: the type was integer and is string",
            "log.evidence_count: string may be met where there was integer",
        ],
    ),
    "a type widened": (
        PAID,
        amended("amount_fen", type="number"),
        ["log.amount_fen: number may be met where there was integer"],
    ),
    "a word removed": (
        PAID,
        amended("kind", enum=["regular", "arrears"]),
        ["readable.kind: one_off is no longer taken", "log.kind: one_off is no longer taken"],
    ),
    "a word added": (
        PAID,
        amended("kind", enum=["regular", "arrears", "one_off", "advance"]),
        ["log.kind: advance may be met, which readers do not know"],
    ),
    "any text where there were words": (
        PAID,
        amended("kind", enum=None),
        ["log.kind: any value may be met where there were some"],
    ),
    "words where there was any text": (
        PAID,
        amended("batch_no", enum=["B1"]),
        [
            "readable.batch_no: any value was taken, and now only some",
            "log.batch_no: any value was taken, and now only some",
        ],
    ),
    "a pattern changed": (
        PAID,
        amended("month", pattern="^20[0-9]{2}-[0-9]{2}$"),
        [
            "readable.month: pattern was ^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$ and is ^20[0-9]{2}-[0-9]{2}$",
            "log.month: pattern was ^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$ and is ^20[0-9]{2}-[0-9]{2}$",
        ],
    ),
    "a pattern that is new": (
        PAID,
        amended("batch_no", pattern="^B"),
        ["readable.batch_no: pattern was none and is ^B", "log.batch_no: pattern was none and is ^B"],
    ),
    "a pattern taken away": (
        PAID,
        amended("month", pattern=None),
        ["log.month: pattern was ^(19|20)[0-9]{2}-(0[1-9]|1[0-2])$ and is none: readers may meet more"],
    ),
    "a format changed": (
        PAID,
        amended("paid_on", format="date-time"),
        [
            "readable.paid_on: format was date and is date-time",
            "log.paid_on: format was date and is date-time",
        ],
    ),
    "a limit lowered": (
        PAID,
        amended("batch_no", maxLength=32),
        ["readable.batch_no: maxLength was 64 and is 32", "log.batch_no: maxLength was 64 and is 32"],
    ),
    "a limit raised": (
        PAID,
        amended("batch_no", maxLength=128),
        ["log.batch_no: maxLength was 64 and is 128: readers may meet more"],
    ),
    "a least amount raised": (
        PAID,
        amended("amount_fen", exclusiveMinimum=100),
        [
            "readable.amount_fen: exclusiveMinimum was 0 and is 100",
            "log.amount_fen: exclusiveMinimum was 0 and is 100",
        ],
    ),
    "a least amount taken away": (
        PAID,
        amended("amount_fen", exclusiveMinimum=None),
        ["log.amount_fen: exclusiveMinimum was 0 and is none: readers may meet more"],
    ),
    "null no longer taken from upstream": (
        PAID,
        lambda row: row["readable"]["properties"].update(
            division={"type": "string", "pattern": "^[0-9]{12}$"}
        ),
        [
            "readable.division: null is no longer taken",
            "readable.division: left out, it meant None and means 'nothing'",
        ],
    ),
    "what a field means where it is left out": (
        PAID,
        both(
            lambda schema: schema["$defs"]["Account" if "Account" in schema["$defs"] else "ProtectedAccount"][
                "properties"
            ]["institution"].update(default=True)
        ),
        [
            "readable.account.institution: left out, it meant False and means True",
            "log.account.institution: left out, it meant False and means True",
        ],
    ),
    "a field of a value within removed": (
        PAID,
        lambda row: row["readable"]["$defs"]["Account"]["properties"].pop("bank"),
        ["readable.account.bank: the field is gone"],
    ),
    "a limit of a list's items lowered": (
        VOIDED,
        lambda row: row["readable"]["properties"]["reason"].update(maxLength=100),
        ["readable.reason: maxLength was 4000 and is 100"],
    ),
    "unknown fields refused on the log": (
        PAID,
        lambda row: row["log"].update(additionalProperties=False),
        ["log: other fields are no longer taken"],
    ),
    "the key changed": (
        PAID,
        lambda row: row.update(key="payment_no"),
        ["catalogue: key was household_no and is payment_no"],
    ),
    "the business date changed": (
        PAID,
        lambda row: row.update(business_date=""),
        ["catalogue: business_date was paid_on and is none"],
    ),
    "one order for the whole topic given up": (
        PAID,
        lambda row: row.update(one_partition=True),
        ["catalogue: one_partition was none and is True"],
    ),
    "a field no longer sealed": (
        RETURNED,
        lambda row: row["protected"].pop("reason"),
        ["catalogue: reason was text and is readable"],
    ),
    "a readable field sealed": (
        PAID,
        lambda row: row["protected"].update(batch_no="text"),
        ["catalogue: batch_no was readable and is text"],
    ),
    "free text under another's key": (
        RETURNED,
        lambda row: row.update(seal_under=["payment_no", "household_no"]),
        ["catalogue: free text was sealed under household_no and is under payment_no, household_no"],
    ),
    "a void that undoes less": (
        VOIDED,
        lambda row: row["undoes"].pop("dibao.payments.paid.v1"),
        ["catalogue: a void of dibao.payments.paid.v1 no longer has the key household_no"],
    ),
    "upstream shut out": (
        PAID,
        lambda row: row.update(from_upstream=False),
        ["catalogue: upstream may no longer state it"],
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_change_is_caught(wrong: str) -> None:
    entry, change, expected = WRONG[wrong]
    assert found(changed(entry, change)) == expected


def test_a_type_that_is_gone_is_caught() -> None:
    assert found(contract([VOIDED, RETURNED, RAISED])) == ["catalogue: the type is gone"]


RIGHT: dict[str, tuple[EventType, Change]] = {
    "an optional field added": (PAID, fields(till={"type": "string"})),
    "an optional field added to a value within": (
        PAID,
        lambda row: row["readable"]["$defs"]["Account"]["properties"].update(branch={"type": "string"}),
    ),
    "more taken from upstream of what the log never shows": (
        VOIDED,
        lambda row: row["readable"]["properties"]["reason"].update(maxLength=8000),
    ),
    "a void that undoes more": (
        VOIDED,
        lambda row: row["undoes"].update({"dibao.payments.lent.v1": "loan_no"}),
    ),
    "a type that upstream may state from now on": (RAISED, lambda row: row.update(from_upstream=True)),
    "another key for the free text of new facts": (
        RETURNED,
        lambda row: (
            fields(loan_no={"type": "string"})(row),
            row.update(seal_under=["loan_no", "household_no"]),
        ),
    ),
}


@pytest.mark.parametrize("right", RIGHT)
def test_what_breaks_nothing_is_let_through(right: str) -> None:
    entry, change = RIGHT[right]
    assert found(changed(entry, change)) == []


# --- the same with models, as a change would be made ---


class PaidWithNote(Paid[Account]):
    """An optional field more."""

    till: Label | None = None
    note: FreeText | None = None


class PaidWithNoteOnLog(Paid[ProtectedAccount]):
    """An optional field more."""

    till: Label | None = None
    note: Sealed | None = None


class PaidAtTill(Paid[Account]):
    """A required field more."""

    till: Label


class PaidAtTillOnLog(Paid[ProtectedAccount]):
    """A required field more."""

    till: Label


def test_a_model_with_an_optional_field_more_keeps_the_promise_even_where_it_is_sealed() -> None:
    more = replace(PAID, readable=PaidWithNote, model=PaidWithNoteOnLog, seal_under=(("household_no",),))
    assert breaches(contract([PAID]), contract([more])) == []


def test_a_model_with_a_required_field_more_breaks_it() -> None:
    more = replace(PAID, readable=PaidAtTill, model=PaidAtTillOnLog)
    assert [str(breach) for breach in breaches(contract([PAID]), contract([more]))] == [
        "dibao.payments.paid.v1, readable.till: a new field is required",
        "dibao.payments.paid.v1, log.till: a new field is required",
    ]
