"""The catalogue of policies for people in need (R21); the documents are invented."""

from datetime import date
from random import Random

from services.simulator.facts import Event
from services.simulator.street import Street

POLICIES: tuple[tuple[str, str, str, date, date | None, tuple[str, ...]], ...] = (
    (
        "重残人员参照单人户纳入低保", "single_person_dibao", "渝民〔2018〕6号",
        date(2018, 1, 1), None, ("重度残疾",),
    ),
    (
        "重病患者参照单人户纳入低保", "single_person_dibao", "渝民〔2019〕14号",
        date(2019, 6, 1), None, ("重病",),
    ),
    (
        "受疫情影响困难群众临时救助", "temporary_relief", "渝民〔2020〕9号",
        date(2020, 3, 1), date(2021, 12, 31), ("因疫情收入中断",),
    ),
    (
        "未参保失业人员一次性临时救助", "temporary_relief", "渝民〔2020〕17号",
        date(2020, 6, 1), date(2021, 12, 31), ("未参加失业保险", "连续三个月无收入"),
    ),
    (
        "扩大特困供养覆盖范围", "tekun", "渝民〔2021〕11号",
        date(2021, 3, 1), None, ("无劳动能力", "无生活来源"),
    ),
)  # fmt: skip
"""Title, what it gives, document, from when, until when, conditions."""


def issue(street: Street, random: Random) -> None:
    """Every policy of the years of the run is stated when it begins, the earlier ones at once."""
    for number, (title, gives, document, first, to, conditions) in enumerate(POLICIES, start=1):
        if to is None or to >= street.day(1):
            street.policy.issue(
                f"{street.division.prefix}ZC{number:02d}",
                title,
                gives,
                document,
                first,
                to,
                conditions,
                max(first, street.day(1)),
            )


def issue_again(street: Street, random: Random, day: date) -> Event:
    """A policy is stated a second time, under a number of its own."""
    title, gives, document, first, to, conditions = random.choice(POLICIES)
    number = f"ZC{street.serials.take('policy_no', 4)}"
    return street.policy.issue(number, title, gives, document, first, to, conditions, day)
