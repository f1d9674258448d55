"""What comes of anomalies: at the end offices look into some of them, and say whether they are so (R30).

Whoever looks needs the anomaly's number, which the world can tell where no person and no account is in it.
"""

from datetime import timedelta
from random import Random

from services.simulator.labels import Anomaly
from services.simulator.life.problems import DAYS_TO_RECTIFY
from services.simulator.offices.problems import Matter
from services.simulator.street import Street

LOOKED_INTO = 0.1
"""The share of those that are as they look; of the others each is looked into."""
MISTAKEN = 0.05
"""The share of checks that were first stated of the wrong anomaly, and taken back."""
ABOUT_MONEY = {
    "large-payment": "发放金额超过核定金额",
    "unentitled": "不在保障期内仍发放低保金",
}
"""By rule, what the problem is that a check finds: these are put on the ledger of problems at once."""


def look_into(street: Street, random: Random) -> None:
    """On the last day, when all that is irregular shows."""
    for anomaly in street.labels.standing():
        if anomaly.nameable and (anomaly.in_order or random.random() < LOOKED_INTO):
            _check(street, random, anomaly)


def _check(street: Street, random: Random, anomaly: Anomaly) -> None:
    day, key = street.as_of, dict(anomaly.key)
    number = anomaly.number
    outcome, other = ("refuted", "confirmed") if anomaly.in_order else ("confirmed", "refuted")
    street.labels.checked(anomaly, outcome)
    checkers = street.officials.two(random, street.day(1), "handling_staff", "village_committee")
    if random.random() < MISTAKEN:
        street.problems.void(street.problems.check(number, day, checkers, other), day, "登记到别的预警")
    household = next((one for one in street.active if one.no == key.get("household_no")), None)
    if household is None or anomaly.in_order or anomaly.rule not in ABOUT_MONEY:
        street.problems.check(number, day, checkers, outcome)
        return
    matter = Matter(
        "distribution",
        "payments",
        ABOUT_MONEY[anomaly.rule],
        "recovered",
        "追回凭证",
        household.division,
        household.no,
        amount=anomaly.extras.get("excess_fen"),
    )
    due_on = day + timedelta(days=DAYS_TO_RECTIFY)
    street.problems.find(matter, day, "社保所", due_on, anomaly=number)
