"""How a household comes to be enrolled: it asks, is visited, checked, publicised, and decided on."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from services.simulator import months
from services.simulator.life.chance import about
from services.simulator.offices.applications import Application, Granted, Newcomers
from services.simulator.street import Street
from services.simulator.workdays import working_days_after

ENTRIES_A_YEAR = 0.10  # domain.md section 6
REFUSED = 0.15
GROUNDS = ("income", "property", "residence", "no_cooperation")
CHANNELS = (("window", "online", "proxy", "discovered"), (60, 10, 20, 10))


@dataclass(frozen=True, slots=True)
class Course:
    """How an application goes. Numbers are working days after it was made, ``None`` where it never comes.

    ``shown`` are the days (of the calendar) on the notice board, ``notice`` the working days from a refusal
    to its notice. ``lag``: days after which the stages are sent, where that is unusually long.
    """

    visit: int | None = 2
    check: int | None = 2
    posted: int | None = 4
    shown: int = 8
    decision: int | None = 13
    refused: bool = False
    notice: int | None = 2
    result: str = "eligible"
    kin: bool = False
    delegated: bool = False
    stated: bool = True
    lag: int | None = None


def usual(random: Random) -> Course:
    """Every stage well within its time."""
    return Course(
        visit=random.randint(1, 3),
        check=random.randint(1, 3),
        posted=random.randint(4, 5),
        shown=random.randint(7, 8),
        decision=random.randint(13, 17),
    )


def receive(street: Street, random: Random) -> None:
    """The month's applications, most of them granted some weeks later."""
    for _ in range(about(random, street.size * ENTRIES_A_YEAR / 12)):
        begin(street, random, usual(random))
        if random.random() < REFUSED:
            begin(street, random, _refusal(random))
    if random.random() < street.size / 1200 / 4:
        institution = random.choice([*street.institutions, None])
        street.move_in_tekun(institution, street.month + 1, street.some_day(6, 25))


def _refusal(random: Random) -> Course:
    course = usual(random)
    return Course(visit=course.visit, check=course.check, posted=None, decision=8, refused=True)


def begin(
    street: Street,
    random: Random,
    course: Course,
    *,
    newcomers: Newcomers | None = None,
    day: date | None = None,
    granted: Granted | None = None,
) -> Application:
    """Somebody asks on a day of this month, or the day named, and the application takes its course."""
    day = day or street.day(random.randint(2, 24))
    offices = street.applications
    application = offices.receive(
        newcomers or street.newcomers(),
        day,
        channel=random.choices(*CHANNELS)[0],
        kin=course.kin,
        delegated=course.delegated,
        stated=course.stated,
    )

    def after(count: int) -> date:
        return working_days_after(day, count)

    def sent(done_on: date) -> date | None:
        return None if course.lag is None else done_on + timedelta(days=course.lag)

    investigators = list(street.officials.two(random, street.day(1), "handling_staff", "village_committee"))
    if course.visit is not None:
        done_on = after(course.visit)
        offices.investigate(
            application,
            "household_visit",
            done_on,
            investigators,
            result="not_eligible" if course.refused else course.result,
            income=random.randint(50, 400) * 100,
            deliver=sent(done_on),
        )
    if course.check is not None:
        done_on = after(course.check)
        offices.investigate(
            application, "information_check", done_on, investigators[:1], deliver=sent(done_on)
        )
    if course.posted is not None:
        posted_on = after(course.posted)
        removed_on = posted_on + timedelta(days=course.shown)
        offices.publicise(application, posted_on, removed_on, deliver=sent(removed_on))
    if course.decision is not None:
        application.decided_on = after(course.decision)
        application.granted = granted
        if course.refused:
            notified_on = (
                None if course.notice is None else working_days_after(application.decided_on, course.notice)
            )
            offices.refuse(application, application.decided_on, random.choice(GROUNDS), notified_on)
        else:
            street.pending.append(application)
    return application


def decide(street: Street, random: Random) -> None:
    """Who is granted the allowance this month receives it from the next on."""
    due = [one for one in street.pending if one.decided_on and months.of(one.decided_on) <= street.month]
    street.pending = [one for one in street.pending if one not in due]
    for application in due:
        household = street.move_in(
            first=street.month + 1,
            decided_on=application.decided_on,
            newcomers=application.newcomers,
            application_no=application.no,
        )
        if application.granted is not None:
            application.granted(household)
