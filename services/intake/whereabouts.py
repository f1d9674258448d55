"""Where households, persons and cases are, by what the log says: a source speaks of its own area only."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import asyncpg

from events.catalogue import TYPES
from events.reading import values_of
from services.intake.answers import Rejection
from services.intake.sentences import say
from services.platform.log import read_log
from services.platform.protection import Prepared
from services.platform.settings import Settings

_LOG = logging.getLogger(__name__)
_REMEMBERED_AT_MOST = 200_000

NUMBERS: tuple[str, ...] = tuple(
    sorted({"household_no", *(entry.unique[0] for entry in TYPES if len(entry.unique) == 1)})
)
"""The fields whose values name a household or a case, wherever they stand in the data of a fact."""

_KNOWN = "SELECT subject, division FROM intake.whereabouts WHERE subject = ANY($1::text[])"
_LEARN = """
INSERT INTO intake.whereabouts AS w (subject, division)
SELECT * FROM unnest($1::text[], $2::text[])
ON CONFLICT (subject) DO UPDATE SET division = excluded.division WHERE w.division <> excluded.division
"""


class Whereabouts:
    """What intake knows of where subjects are: the division that was stated of each last."""

    def __init__(self, settings: Settings, context: str, topic: str, pool: asyncpg.Pool) -> None:
        self._settings = settings
        self._context = context
        self._topic = topic
        self._pool = pool
        self._remembered: dict[str, str] = {}

    async def outside(self, prepared: Iterable[tuple[int, Prepared]]) -> dict[int, Rejection]:
        """Return the refusals of facts whose subjects are not in the area of the key that states them.

        By their places in the batch. Asks the database only where a key is bound to an area.
        """
        bound = [(index, ready) for index, ready in prepared if ready.fact.source_area is not None]
        if not bound:
            return {}
        named = {index: (_numbers(ready.data), _persons(ready)) for index, ready in bound}
        subjects = {subject for numbers, persons in named.values() for subject in (*numbers, *persons)}
        known = {row["subject"]: row["division"] for row in await self._pool.fetch(_KNOWN, list(subjects))}
        found: dict[int, Rejection] = {}
        for index, ready in bound:
            refusal = _refusal(ready, *named[index], known)
            if refusal is not None:
                found[index] = refusal
        return found

    async def learn(self, published: Iterable[Prepared]) -> None:
        """Note where the subjects of facts are that say in which division they lie."""
        stated: dict[str, str] = {}
        for ready in published:
            division = ready.fact.data.division
            if division is None or ready.fact.entry.void:
                continue
            for subject in (*_numbers(ready.data), *_persons(ready)):
                if self._remembered.get(subject) != division:
                    stated[subject] = division
        await self._note(stated)

    async def _note(self, stated: Mapping[str, str]) -> None:
        if not stated:
            return
        subjects = sorted(stated)  # in one order, so that two batches do not wait for one another
        await self._pool.execute(_LEARN, subjects, [stated[subject] for subject in subjects])
        if len(self._remembered) > _REMEMBERED_AT_MOST:
            self._remembered.clear()
        self._remembered.update(stated)

    async def begin(self) -> None:
        """Read once what the log says, where facts were taken in before intake noted where they belong."""
        asked = """
        SELECT NOT exists(SELECT FROM intake.whereabouts_read WHERE topic = $1)
          AND exists(SELECT FROM intake.seen WHERE topic IS NULL)
        """
        if not await self._pool.fetchval(asked, self._topic):
            return
        _LOG.info("reading where the subjects of %s are", self._topic)
        async for records in read_log(self._settings, (self._context,)):
            stated = {
                subject: record.event.data.division
                for record in records
                if record.event.data.division is not None and not record.event.entry.void
                for subject in _subjects(values_of(record.event))
            }
            await self._note(stated)
        await self._pool.execute(
            "INSERT INTO intake.whereabouts_read VALUES ($1) ON CONFLICT DO NOTHING", self._topic
        )


def _refusal(
    ready: Prepared, numbers: Mapping[str, str], persons: Sequence[str], known: Mapping[str, str]
) -> Rejection | None:
    fact = ready.fact
    areas = (fact.source_area or "").split(",")

    def inside(division: str) -> bool:
        return any(division.startswith(area) for area in areas)

    def refused(field: str, code: str) -> Rejection:
        said = say(code, areas=", ".join(areas))
        return Rejection.of(f"data.{field}", said, forbidden=True, serial=fact.serial)

    # A number is the case itself; where a person is matters only where no number says where the case is.
    for subject, field in numbers.items():
        if subject in known and not inside(known[subject]):
            return refused(field, "area-of-subject")
    if fact.data.division is not None or any(subject in known for subject in numbers):
        return None
    located = [known[person] for person in persons if person in known]
    if located:
        return None if all(map(inside, located)) else refused("division", "area-of-subject")
    return None if fact.newcomers else refused("division", "area-unknown")


def _numbers(data: Mapping[str, Any]) -> dict[str, str]:
    """Return the subjects that numbers in the data name, and the field of each."""
    return {f"{name}:{value}": name for name in NUMBERS if isinstance(value := data.get(name), str)}


def _persons(ready: Prepared) -> list[str]:
    return [seal[0] for seal in ready.seals if seal[0].startswith("p.")]


def _subjects(data: dict[str, Any]) -> Iterator[str]:
    yield from _numbers(data)
    waiting: list[Any] = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if isinstance(person := value.get("person_id"), str):
                yield person
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
