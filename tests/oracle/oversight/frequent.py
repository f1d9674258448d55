"""Accounts that are paid more often than once a month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from tests.oracle.oversight.log import Found, Log, found


def frequent(log: Log) -> Iterable[Found]:
    returned = {fact.data["payment_no"] for fact in log.of("payments.returned")}
    counts: dict[tuple[str, str, str, str], int] = defaultdict(int)
    for paid in log.of("payments.paid"):
        data = paid.data
        if data["kind"] == "regular" and data["payment_no"] not in returned:
            place = data["household_no"], data["programme"], data["month"], data["account"]["number"]
            counts[place] += 1
    for (household_no, programme, month, account), count in counts.items():
        if count > log.policy("payments.regular_a_month", date.fromisoformat(f"{month}-01")):
            yield found(
                "medium",
                {"payments": count},
                household_no=household_no,
                programme=programme,
                month=month,
                account=account,
            )


RULES = {"frequent-payment": frequent}
