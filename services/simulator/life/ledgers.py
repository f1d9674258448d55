"""Ledgers (台账) of a quarter: villages that have tasks hand them in, signed, as the county asks (R64)."""

from collections import Counter
from datetime import date, timedelta
from random import Random

from services.simulator import months
from services.simulator.life.campaign import BEGINS
from services.simulator.months import Month
from services.simulator.offices.campaign import PHASES, Owed
from services.simulator.parameters import LEDGERS
from services.simulator.street import Street

OVERDUE = "ledger-overdue"


def close_quarter(street: Street, random: Random) -> None:
    """A quarter of the campaign is over: villages count their rows, and settle when they hand them in."""
    if months.number(street.month) % 3 or not BEGINS <= street.month <= _last():
        return
    campaign, labels = street.campaign, street.labels
    end = months.last_day(street.month)
    quarter = f"{end.year}-Q{end.month // 3}"
    rows = _rows(street, end)
    owed = []
    begun = {task.village: task.assigned_on for task in reversed(campaign.tasks)}
    for village, first in begun.items():
        for ledger in LEDGERS:
            one = Owed(village, ledger, quarter, end, rows[ledger, village.code])
            if first <= end:
                owed.append(one)
            else:
                labels.lawful(OVERDUE, "joined_later", campaign.key(village, ledger, quarter))
    random.shuffle(owed)
    for story in campaign.ledger_stories:
        taken = next((one for one in owed if story(one)), None)
        if taken is not None:
            owed.remove(taken)
    campaign.ledger_stories.clear()
    for one in owed:
        days = random.randint(1, (one.due_on - end).days)
        campaign.submissions.append(one.handed_in(end + timedelta(days=days)))
        if one.due_on >= street.as_of:
            labels.lawful(OVERDUE, "not_due_yet", campaign.key(one.village, one.ledger, quarter))


def hand_in(street: Street, random: Random) -> None:
    """What is handed in this month, signed by somebody who is in office then."""
    for submission in street.campaign.submissions:
        if months.of(submission.day) == street.month:
            signer = street.officials.one(
                random, submission.day, "village_committee", village=submission.village.code
            )
            street.campaign.submit(submission, signer)


def _last() -> Month:
    """The last month of the quarter in which the last phase ends."""
    month = months.of(PHASES[-1][2])
    return month + 2 - month % 3


def _rows(street: Street, end: date) -> Counter[tuple[str, str]]:
    """How many rows each ledger of each village has on the last day of a quarter."""
    first = street.month - 2
    begin = months.day(first, 1)
    village_of = {household.no: household.division for household in street.active}
    rows: Counter[tuple[str, str]] = Counter()
    for household in street.active:
        rows["households", household.division] += household.spell.covers(street.month)
    for batch in street.payments.batches.values():
        if first <= batch.month <= street.month:
            rows.update(
                ("payments", village_of[line[2]]) for line in batch.lines.values() if line[2] in village_of
            )
    for card in street.custody.cards.values():
        rows["custody", card.household.division] += card.held(end)
    for petition in street.petitions.book.values():
        rows["petitions", petition.division] += begin <= petition.filed_on <= end
    for village in street.division.villages:
        rows["rectification", village.code] += street.problems.count(village.code, begin, end)
    return rows
