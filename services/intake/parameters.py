"""Parameters of policy that rules read: one that none reads, or a value of another kind, is refused by name.

What rules read they publish themselves (``platform.rule``). Before any has done so nothing is refused.
"""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Final

import asyncpg

from events.policy import number_of
from services.intake.answers import Rejection
from services.intake.sentences import say
from services.platform.protection import Prepared

_KEY: Final = ("parameter",)
"""A fact that is about a parameter states a value of it."""

_KNOWN = """
SELECT DISTINCT p ->> 'name' AS name, p ->> 'kind' AS kind
FROM platform.rule, jsonb_array_elements(parameters) AS p
"""


class Parameters:
    """Knows, for each batch anew, what may be adopted."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def refused(self, prepared: Iterable[tuple[int, Prepared]]) -> dict[int, Rejection]:
        """Return the refusals of values that no rule could read, by their places in the batch.

        Asks the database only where a batch has such a fact.
        """
        adopted = [(index, ready) for index, ready in prepared if ready.fact.entry.key == _KEY]
        if not adopted:
            return {}
        kinds = {row["name"]: row["kind"] for row in await self._pool.fetch(_KNOWN)}
        if not kinds:
            return {}
        refusals = ((index, _refusal(ready, kinds)) for index, ready in adopted)
        return {index: refusal for index, refusal in refusals if refusal is not None}


def _refusal(ready: Prepared, kinds: Mapping[str, str]) -> Rejection | None:
    name, value = ready.data["parameter"], ready.data["value"]
    kind = kinds.get(name)
    if kind is None:
        like = get_close_matches(name, kinds, n=1, cutoff=0.0)
        return Rejection.of(
            "data.parameter", say("parameter-unknown", like=like[0]), serial=ready.fact.serial
        )
    if kind == "number" and number_of(value) is None:
        return Rejection.of("data.value", say("parameter-number", name=name), serial=ready.fact.serial)
    if kind == "text" and not isinstance(value, str):
        return Rejection.of("data.value", say("parameter-text", name=name), serial=ready.fact.serial)
    return None
