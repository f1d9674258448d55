"""Ordinary life: households come, go, grow and shrink, people die, cards bounce, complaints are filed."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from services.simulator import facts, months
from services.simulator.facts import PETITIONS
from services.simulator.household import Household, Listing
from services.simulator.schemes import amounts, deaths, spells
from services.simulator.street import Cast, Street, standard, villages

# Chances a month (domain.md section 6: exits 12 %, entries 10 % and deaths 20 ‰ a year).
EXIT = 0.12 / 12
RETURN_AFTER_EXIT = 0.25
ENTRY = 0.10 / 12
DEATH = 0.020 / 12
JOINS = 0.004
LEAVES = 0.003
BOUNCES = 0.003
NEW_ACCOUNT = 0.004
REASSESSED = 0.003
PETITIONS_A_YEAR_PER_1200 = 45
PETITION_REPEATS = 0.15

MATTERS = (
    ("M01", "complaint", "反映{name}家不符合条件仍领低保"),
    ("M02", "complaint", "反映低保金没有按时到账，户主{name}"),
    ("M03", "complaint", "反映村干部代管{name}的存折"),
    ("M04", "request", "{name}因病申请纳入低保"),
    ("M05", "request", "{name}申请临时救助"),
    ("M06", "request", "{name}要求重新核定金额"),
)
CHANNELS = ("来访", "来信", "12345热线", "网上信访")

Plot = tuple[Household, Iterator[None]]


def first_households(street: Street, count: int) -> None:
    """The street as it stood before the run: everybody enrolled from the first month."""
    first, random = street.month, street.casting
    opened = street.day(1) - timedelta(days=12)
    tekun = max(4, count * 5 // 100)
    dual = max(1, count * 25 // 1000)
    for n in range(tekun):
        institution = street.institutions[n % len(street.institutions)] if n % 5 else None
        street.move_in_tekun(institution, first, opened - timedelta(days=random.randrange(20)))
    for _ in range(dual):
        street.move_in_dual(first, opened - timedelta(days=random.randrange(20)))
    for _ in range(max(0, count - tekun - dual)):
        street.move_in(Cast(), first=first, decided_on=opened - timedelta(days=random.randrange(20)))


def befall(street: Street, random: Random) -> list[Plot]:
    """What begins this month in households where nothing else is going on."""
    plots: list[Plot] = []
    for household in street.active:
        chance = random.random()
        if chance >= 0.06 or not street.idle(household):  # the sum of all chances below is less
            continue
        story = _story(street, household, chance, random)
        if story is not None:
            household.busy = True
            plots.append((household, story))
    return plots


def _story(street: Street, household: Household, chance: float, random: Random) -> Iterator[None] | None:
    members = household.spell.members(street.month)
    for limit, story in (
        (EXIT, _leaves if random.random() > RETURN_AFTER_EXIT else spells.comes_back),
        (JOINS, _somebody_joins),
        (LEAVES, _somebody_leaves if len(members) > 1 else None),
        (BOUNCES, amounts.bounced),
        (NEW_ACCOUNT, _new_account if not household.named else None),
        (REASSESSED, _reassessed),
    ):
        if chance < limit:
            return story(street, household) if story else None
        chance -= limit
    if chance < DEATH * len(members):
        return deaths.natural_death(street, household, random.choice(members))
    return None


def _leaves(street: Street, household: Household) -> Iterator[None]:
    kind = street.random.choices(("other", "policy", "favour"), (60, 22, 18))[0]
    street.exit_household(household, household.spell, kind, street.some_day(5, 24), street.month + 1)
    yield


def _somebody_joins(street: Street, household: Household) -> Iterator[None]:
    spell, first = household.spell, street.month + 1
    taken = {p.name for p in spell.members(street.month)}
    while (name := street.people.name()) in taken:
        pass
    person = street.people.person(name, street.casting.randint(0, 60), street.month // 12)
    entitlement = spell.entitlement(first) + standard(spell.programme, street.month) * 70 // 100 * 100
    street.change_members(
        household, spell, first, street.some_day(5, 24), entitlement, added=Listing(person, "家属", first)
    )
    yield
    yield


def _somebody_leaves(street: Street, household: Household) -> Iterator[None]:
    spell, first = household.spell, street.month + 1
    leaving = spell.members(street.month)[-1]
    if street.random.random() < 0.5:
        street.remove(household, spell, leaving, "other", street.some_day(5, 24), first)
    else:
        components = spell.components(street.month)
        entitlement = spell.entitlement(street.month)
        part = components[leaving.key] if components else entitlement // len(spell.members(street.month))
        street.change_members(
            household, spell, first, street.some_day(5, 24), entitlement - part, removed=leaving
        )
    yield
    yield


def _new_account(street: Street, household: Household) -> Iterator[None]:
    head = household.spell.members(street.month)[0]
    street.change_account(household, household.spell, street.people.account(head.name), street.month)
    yield


def _reassessed(street: Street, household: Household) -> Iterator[None]:
    spell = household.spell
    amount, parts = street.raised(spell, street.month, street.random.randint(3, 30))
    street.adjust(
        household, spell, street.month + 1, amount, street.some_day(5, 20), "收入变化", components=parts
    )
    yield
    yield


def newcomers(street: Street, random: Random, households: int) -> None:
    """Households decided on this month, from the next on."""
    for _ in range(_about(random, households * ENTRY)):
        street.move_in(Cast(), first=street.month + 1, decided_on=street.some_day(6, 25))
    if random.random() < households / 1200 / 4:
        institution = random.choice([*street.institutions, None])
        street.move_in_tekun(institution, street.month + 1, street.some_day(6, 25))


def autumn(street: Street) -> None:
    """In September every household's entitlement is raised from October, with the standard."""
    first = street.month + 1
    for household in street.active:
        for spell in household.spells.values():
            if not spell.covers(first) or spell.entitlements[-1][0] >= first:
                continue
            before, after = standard(spell.programme, street.month), standard(spell.programme, first)
            if after > before:
                amount, parts = street.raised(spell, first, (after - before) * 100 // before)
                street.adjust(
                    household,
                    spell,
                    first,
                    amount,
                    street.some_day(18, 28),
                    "提标",
                    components=parts,
                    hour=14,
                )


def one_off_relief(street: Street, random: Random, households: int) -> None:
    """A little 临时救助, paid once to households in need; no enrolment precedes it."""
    for _ in range(_about(random, households * 0.002)):
        household = random.choice(street.active)
        if street.idle(household):
            account = household.spell.account(street.month)
            street.pay(
                household,
                "temporary_relief",
                street.month,
                random.randint(3, 20) * 10000,
                account,
                kind="one_off",
                paid_on=street.some_day(5, 25),
            )


def petitions(street: Street, random: Random, households: int, filed: list[dict[str, str]]) -> None:
    """Petitions of the month: mostly closed some weeks later; some repeat an earlier one."""
    for _ in range(_about(random, households * PETITIONS_A_YEAR_PER_1200 / 1200 / 12)):
        day = street.some_day(1, 28)
        division = random.choice(villages()).code
        code, kind, matter = random.choice(MATTERS)
        petitioner: dict[str, str] | None = None
        household_no: str | None = None
        if filed and random.random() < PETITION_REPEATS:
            earlier = random.choice(filed)
            division, code = earlier["division"], earlier["matter_code"]
            _, kind, matter = next(entry for entry in MATTERS if entry[0] == code)
            household_no = earlier.get("household_no")
            if "name" in earlier and (household_no is None or random.random() < 0.7):
                petitioner = {"name": earlier["name"], "id_number": earlier["id_number"]}
        elif random.random() < 0.6:
            household = random.choice(street.active)
            spell = household.spell
            person = spell.listings[0].person
            division, household_no = household.division, household.no
            if person.id_number is not None and person.died_on is None and random.random() < 0.8:
                petitioner = person.identity
        elif random.random() < 0.85:
            name = street.people.name(outsider=True)
            petitioner = street.people.person(name, random.randint(20, 80), street.month // 12).identity
        number = f"XF{street.serials.take('petition_no'):06d}"
        data = {
            "petition_no": number,
            "petitioner": petitioner,
            "household_no": household_no,
            "division": division,
            "filed_on": day.isoformat(),
            "channel": random.choice(CHANNELS),
            "kind": kind,
            "matter_code": code,
            "matter": matter.format(name=(petitioner or {"name": "某某"})["name"]),
        }
        street.post.send(
            facts.event(street.serials, PETITIONS, "petitions.filed", day, data), day + street.post.lag(3)
        )
        filed.append({k: v for k, v in {**data, **(petitioner or {})}.items() if isinstance(v, str)})
        del filed[:-400]  # repeats come from among the latest; memory stays bounded
        closed_on = day + timedelta(days=random.randint(10, 75))
        if random.random() < 0.85 and closed_on < street.as_of:
            _close(street, random, number, closed_on)


def _close(street: Street, random: Random, number: str, closed_on: date) -> None:
    outcome = random.choices(("settled", "not_settled", "withdrawn"), (70, 20, 10))[0]
    data = {
        "petition_no": number,
        "closed_on": closed_on.isoformat(),
        "outcome": outcome,
        "evidence": f"答复意见书{number[2:]}" if outcome == "settled" else None,
    }
    event = facts.event(street.serials, PETITIONS, "petitions.closed", closed_on, data)
    street.post.send(event, closed_on + street.post.lag(3))


def _about(random: Random, mean: float) -> int:
    """A whole number whose mean is the given one."""
    return int(mean) + (random.random() < mean - int(mean))


def institution_lookalikes(street: Street, paid: dict[str, int]) -> None:
    """Many residents of one institution are paid to its collective account: lawful."""
    for number, residents in paid.items():
        if residents > 1:
            street.labels.lawful(
                "shared-account", "institution", {"account": number, "month": months.text(street.month)}
            )
