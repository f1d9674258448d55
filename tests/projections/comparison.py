"""The ledgers and Annex 2 as the product has them, and as the oracle folds them, in one form."""

from collections.abc import Callable
from datetime import date
from typing import Any

import asyncpg

from events.values import canonical_account_number
from services.reporting import queries
from tests.oracle import annex2, ledgers
from tests.oracle.facts import Raw, live_facts
from tests.projections.log import Log

Answers = dict[str, Any]


async def by_product(pool: asyncpg.Pool, until: date | None, as_of: date | None = None) -> Answers:
    """Every ledger and the cells of Annex 2, read from the projection."""
    asked = queries.LedgerFilter(until=until, as_of=as_of)
    payments = (await queries.ledger(pool, "payments", asked)).rows
    recipients = (await queries.ledger(pool, "recipients", asked)).rows
    custody = (await queries.ledger(pool, "custody", asked)).rows
    petitions = (await queries.ledger(pool, "petitions", asked)).rows
    table = await queries.annex2(pool, until or date(2100, 1, 1), as_of)
    return {
        "payments": [
            (
                str(row["event_id"]),
                *(row[name] for name in _PAYMENT),
                row["account_id"],
                row["returned_on"],
                row["status"] == "returned",
            )
            for row in payments
            if row["status"] in ("live", "returned")
        ],
        "recipients": [
            (
                *(row[name] for name in _SPELL),
                sorted(
                    (
                        (m["person_id"], m["relation"], m["from_month"], m["to_month"], m["exit_kind"])
                        for m in row["members"]
                    ),
                    key=str,  # who left and came back in one month has two stays, of which one has no end
                ),
            )
            for row in recipients
        ],
        "custody": [tuple(row[name] for name in _CUSTODY) for row in custody],
        "petitions": [tuple(row[name] for name in _PETITION) for row in petitions],
        "annex2": {code: count for code, count in table.total.items() if count is not None},
    }


_PAYMENT = (
    "payment_no", "household_no", "programme", "village", "month", "paid_on", "amount_fen", "kind",
    "batch_no", "twice",
)  # fmt: skip
_SPELL = (
    "household_no", "programme", "village", "from_month", "to_month", "route", "began_on", "exit_kind",
    "ended_on", "entitlement_fen", "twice",
)  # fmt: skip
_CUSTODY = (
    "custody_no", "household_no", "village", "beneficiary", "custodian", "custodian_kind", "account_id",
    "agreement_no", "filed_on", "valid_from", "valid_to", "ended_on", "twice",
)  # fmt: skip
_PETITION = (
    "petition_no", "petitioner", "household_no", "village", "filed_on", "kind", "matter_code", "closed_on",
    "outcome", "repeats_petition_no", "twice",
)  # fmt: skip


def by_oracle(raws: list[Raw], until: date | None, log: Log) -> Answers:
    """The same from a fold in plain Python over what upstream stated, with this log's tokens."""
    person, account = tokens(log)
    facts = live_facts(raws, until=until, digest_of=log.digest)
    return {
        "payments": [
            (
                row.event_id,
                row.payment_no,
                row.household_no,
                row.programme,
                row.division,
                row.month,
                row.paid_on,
                row.amount_fen,
                row.kind,
                row.batch_no,
                row.twice,
                account(row.account),
                row.returned_on,
                row.returned_on is not None,
            )
            for row in ledgers.payments(facts)
        ],
        "recipients": [
            (
                row.household_no,
                row.programme,
                row.division,
                row.from_month,
                row.to_month,
                row.route,
                row.decided_on,
                row.exit_kind,
                row.ended_on,
                row.entitlement_fen,
                row.twice,
                sorted(
                    (
                        (person(m.person), m.relation, m.from_month, m.to_month, m.exit_kind)
                        for m in row.members
                    ),
                    key=str,
                ),
            )
            for row in ledgers.recipients(facts)
        ],
        "custody": [
            (
                row.custody_no,
                row.household_no,
                row.division,
                person(row.beneficiary),
                person(row.custodian),
                row.custodian_kind,
                account(row.account),
                row.agreement_no,
                row.filed_on,
                row.valid_from,
                row.valid_to,
                row.ended_on,
                row.twice,
            )
            for row in ledgers.custody(facts)
        ],
        "petitions": [
            (
                row.petition_no,
                person(row.petitioner) if row.petitioner else None,
                row.household_no,
                row.division,
                row.filed_on,
                row.kind,
                row.matter_code,
                row.closed_on,
                row.outcome,
                row.repeats[-1] if row.repeats else None,
                row.twice,
            )
            for row in ledgers.petitions(facts)
        ],
        "annex2": annex2.cells(raws, until or date(2100, 1, 1), digest_of=log.digest),
    }


def tokens(log: Log) -> tuple[Callable[[str], str], Callable[[str], str]]:
    """The tokens that this log gives to a person, by the oracle's key, and to an account."""

    def person(key: str) -> str:
        kind, _, rest = key.partition(":")
        if kind == "id":
            return str(log.identity.person_token(rest))
        source, _, local_no = rest.rpartition(":")
        return str(log.identity.person_token(local_no, source))

    def account(number: str) -> str:
        return str(log.identity.account_token(canonical_account_number(number)))

    return person, account
