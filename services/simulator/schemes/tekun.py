"""People in 特困供养 at home for whom nobody has undertaken to care (R24)."""

from datetime import timedelta
from random import Random

from services.simulator import months
from services.simulator.parameters import days
from services.simulator.schemes.limits import How, day_done, owe
from services.simulator.schemes.scheme import Act, Deed
from services.simulator.street import Street

RULE = "tekun-agreement-missing"


def _at_home(case: str, how: How) -> Act:
    def act(street: Street, random: Random) -> None:
        begun_on = street.day(random.randint(6, 25))
        decided_on = begun_on - timedelta(days=random.randint(1, 4))
        household = street.move_in_tekun(None, street.month + 1, decided_on)
        household.parts.update(("tekun", "left to themselves"))
        person = household.spell.members(street.month + 1)[0]
        street.tekun.care_at_home(household, person, random.choice(("partial", "none")), begun_on)
        due_on = begun_on + timedelta(days=days("tekun.agreement_days", begun_on))
        key = {"household_no": household.no, "person": person.key, "begun_on": begun_on.isoformat()}
        if case == "admitted_instead":
            institution = random.choice(street.institutions).holder_name
            admitted_on = begun_on + timedelta(days=random.randint(5, 25))
            street.tekun.admit(household, person, institution, admitted_on)
            street.labels.lawful(RULE, case, key)
            return
        done_on = day_done(street, random, how, begun_on + timedelta(days=1), due_on)
        if done_on is not None:
            carer = street.people.person(
                street.people.name(outsider=True), random.randint(30, 65), street.month // 12
            )
            street.tekun.agree(household, person, carer, "relative", done_on)
        owe(
            street,
            RULE,
            case,
            key,
            how,
            due_on,
            done_on,
            holds=lambda: household.lists(person, months.of(due_on)),
        )

    return act


_CASES: tuple[tuple[str, How, int, int, int | None], ...] = (
    ("nobody_signed", "never", 3, 12, None),
    ("signed_late", "late", 5, 10, None),
    ("signed_in_time", "in_time", 3, 21, 30),
    ("signed_on_the_last_day", "on_the_last_day", 3, 21, 30),
    ("admitted_instead", "never", 3, 21, 30),
    ("still_in_time", "still_in_time", 1, 21, 1),
)

DEEDS = tuple(
    Deed(RULE, case, _at_home(case, how), length, per_1200, within)
    for case, how, length, per_1200, within in _CASES
)
