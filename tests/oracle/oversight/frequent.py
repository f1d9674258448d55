"""Accounts that are paid more often than once a month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from tests.oracle.oversight.log import Found, Log, found


def frequent(log: Log) -> Iterable[Found]:
    returned = {fact.data["payment_no"] for fact in log.of("payments.returned")}
    numbers: dict[tuple[str, str, str, str], list[str]] = defaultdict(list)
    for paid in log.of("payments.paid"):
        data = paid.data
        if data["account"].get("institution", False):
            continue
        if data["kind"] == "regular" and data["payment_no"] not in returned:
            place = data["household_no"], data["programme"], data["month"], data["account"]["number"]
            numbers[place].append(data["payment_no"])
    for (household_no, programme, month, account), paid_by in numbers.items():
        about = {"household_no": household_no, "programme": programme}
        if len(paid_by) > log.policy("payments.regular_a_month", date.fromisoformat(f"{month}-01"), about):
            yield found(
                "medium",
                {"payments": sorted(paid_by)},
                household_no=household_no,
                programme=programme,
                month=month,
                account=account,
            )


RULES = {"frequent-payment": frequent}
