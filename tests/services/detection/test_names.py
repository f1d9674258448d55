"""A minority's name in another spelling is never a grave mismatch, whichever version made the keys."""

from typing import Any, cast

import pytest

from events.codec import decode
from services.detection import facts
from services.detection.facts.payments import Paid
from services.detection.rows import fact_rows
from services.detection.rules.payments.name_mismatch import findings
from services.detection.subjects.household import HouseholdView
from services.detection.subjects.subject import Lasting
from tests.oracle import names as oracle
from tests.services.platform.pinned import as_version_1, record_of

MEMBER = "阿依古丽·买买提"


def fact(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": kind,
        "source": "/office/500102",
        "type": f"dibao.{kind}.v1",
        "time": "2021-06-28T09:30:00+08:00",
        "data": data,
    }


def enrolled(name: str) -> dict[str, Any]:
    return fact(
        "enrollment.enrolled",
        {
            "household_no": "LZ0051",
            "programme": "rural_dibao",
            "division": "500102008003",
            "members": [{"person": {"name": name, "id_number": "500102195602112018"}, "relation": "本人"}],
            "account": {"number": "6217009900007011", "holder_name": name},
            "from_month": "2021-01",
            "entitlement_fen": 54000,
            "route": "ordinary",
            "decided_on": "2020-12-20",
        },
    )


def paid(holder: str) -> dict[str, Any]:
    return fact(
        "payments.paid",
        {
            "payment_no": "FF0051",
            "household_no": "LZ0051",
            "programme": "rural_dibao",
            "month": "2021-06",
            "paid_on": "2021-06-28",
            "amount_fen": 54000,
            "kind": "regular",
            "batch_no": "B1",
            "account": {"number": "6217009900007011", "holder_name": holder},
        },
    )


async def severity(member: str, holder: str, old: tuple[str, ...] = ()) -> str | None:
    """How grave the mismatch of a payment is; ``old``: which of the two facts version 1 wrote."""
    rows = []
    for stated in (enrolled(member), paid(holder)):
        message = await record_of(stated)
        value = message.value.decode()
        value = as_version_1(value) if stated["id"] in old else value
        rows += fact_rows(decode(value.encode(), message.headers))
    kept = [row for row in rows if row.subject == "household:LZ0051"]
    lasting = Lasting([fact for row in kept if not row.month for fact in facts.decode(row.body)])
    payments = [fact for row in kept if row.month for fact in facts.decode(row.body)]
    found = findings(HouseholdView("LZ0051", lasting, cast(list[Paid], payments)))
    assert len(found) <= 1
    return found[0].severity if found else None


@pytest.mark.parametrize(
    ("holder", "expected"),
    [
        (MEMBER, None),
        ("阿依古丽.买买提", None),
        ("阿依古丽●买买提", None),
        ("阿依古丽买买提", "low"),
        ("阿依古丽 买买提", "low"),
        ("阿依古丽—麦麦提", "low"),
        ("古丽娜尔·买买提", "high"),
    ],
)
async def test_another_spelling_of_a_name_is_no_grave_mismatch(holder: str, expected: str | None) -> None:
    assert await severity(MEMBER, holder) == expected
    assert await severity(holder, MEMBER) == expected


@pytest.mark.parametrize(
    "old", [("payments.paid",), ("enrollment.enrolled",), ("payments.paid", "enrollment.enrolled")]
)
@pytest.mark.parametrize(
    ("member", "holder", "expected"),
    [
        ("金和义", "金和义", None),
        ("金和义", "金 和义", None),
        ("金和義", "金和义", "low"),
        ("金和义", "金合义", "low"),
        ("金和义", "王䶮", "high"),
        (MEMBER, "阿依古丽•买买提", None),
    ],
)
async def test_ordinary_names_compare_over_the_change_of_rules(
    member: str, holder: str, expected: str | None, old: tuple[str, ...]
) -> None:
    assert await severity(member, holder, old) == expected


@pytest.mark.parametrize("member", [MEMBER, "李〇明", "张三豐", "欧阳娜ANNA", "吉木.阿呷"])
@pytest.mark.parametrize(
    "holder",
    [
        *(
            "阿依古丽.买买提",
            "阿依古麗买买提",
            "阿依古丽 - 买买提",
            "李○明",
            "李明",
            "张三丰",
            "章三丰",
            "张 三豐",
        ),
        *("欧阳娜ＡＮＮＡ", "欧阳娜.ANNA", "吉木·阿呷", "吉木阿呷", "吉木—阿嘎", "J.SMITH"),
    ],
)
async def test_the_oracle_says_the_same(member: str, holder: str) -> None:
    expected = (
        None if oracle.clears(holder, [member]) else "low" if oracle.resembles(holder, [member]) else "high"
    )
    assert await severity(member, holder) == expected
