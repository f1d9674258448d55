"""Officials of the street and its villages: who is there at first, and who follows whom."""

from datetime import date, timedelta
from random import Random

from services.simulator.life.chance import about
from services.simulator.people import Person
from services.simulator.street import Street

LEAVE_A_MONTH = 0.5
"""Of the street's hundred or so officials, so many on average."""

POSTS = (
    ("leader", "街道办事处", "主任", 1),
    ("leader", "街道办事处", "副主任", 3),
    ("discipline", "纪工委", "书记", 1),
    ("discipline", "纪工委", "干事", 1),
    ("handling_staff", "社保所", "所长", 1),
    ("handling_staff", "社保所", "经办人", 7),
    ("township_staff", "财政办", "主任", 1),
    ("township_staff", "社会事务办", "主任", 1),
    ("township_staff", "社会事务办", "工作人员", 5),
    ("township_staff", "党政办", "主任", 1),
    ("township_staff", "党群办", "主任", 1),
    ("township_staff", "人大办", "主任", 1),
)
IN_A_VILLAGE = ("书记", "主任", "文书")


def first_officials(street: Street, random: Random) -> None:
    """The roster as it stood when the run began."""
    for kind, body, post, count in POSTS:
        for _ in range(count):
            day = _years_before(street, random)
            street.officials.appoint(_somebody(street, random), kind, body, post, day)
    for village in street.division.villages:
        body = "居委会" if village.kind == "community" else "村委会"
        for post in IN_A_VILLAGE:
            day = _years_before(street, random)
            street.officials.appoint(
                _somebody(street, random), "village_committee", body, post, day, village=village.code
            )


def change(street: Street, random: Random) -> None:
    """Some leave, and somebody else takes their place on the same day."""
    for _ in range(about(random, LEAVE_A_MONTH)):
        day = street.day(random.randint(2, 27))
        official = street.officials.leaver(random, day)
        cause = random.choice(("transferred", "retired", "term_ended", "resigned"))
        street.officials.succeed(official, _somebody(street, random), day, cause)


def _years_before(street: Street, random: Random) -> date:
    return street.day(1) - timedelta(days=random.randint(30, 2500))


def _somebody(street: Street, random: Random) -> Person:
    return street.people.person(street.people.name(), random.randint(26, 57), street.month // 12)
