"""An upstream that publishes while dibao is upgraded below it, facts of both versions at once."""

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx

from tests.deploy.upgrade.next_version import as_version_2
from tests.deployment import Deployment
from tests.services.detection.upstream import Raw, fact

_RETRY_SECONDS = 0.3
_PAUSE_SECONDS = 0.2
_AT_ONCE = 30
_LINE = "社会救助服务热线"
_FIRST = datetime.fromisoformat("2021-02-01T09:00:00+08:00")


def calls(first: int = 1) -> Iterator[tuple[Raw, Raw]]:
    """Yield calls for ever, each with its answer in version 1: two of three were missed, some called back."""
    for number in itertools.count(first):
        at = _FIRST + timedelta(minutes=7 * number)
        data: dict[str, Any] = {"call_no": f"DH{number}", "line": _LINE}
        call = data | {"called_at": at.isoformat(), "picked_up": number % 3 == 0}
        answer = {
            "call_no": data["call_no"],
            "answered_at": (at + timedelta(hours=3)).isoformat(),
            "called_back": number % 4 == 0,
            "resolved": number % 5 != 0,
        }
        yield (
            fact("hotline.called", f"dh-{number}", **call),
            fact("hotline.answered", f"da-{number}", **answer),
        )


class Upstream:
    """Calls and their answers, one after another, and what else is asked for; each until acknowledged.

    ``older`` is where facts of version 1 are handed over; once there is a ``newer``, every second answer is
    stated there, in version 2.
    """

    def __init__(self, older: Deployment) -> None:
        self.older = older
        self.newer: Deployment | None = None
        self.acknowledged: list[Raw] = []
        self.refused: Counter[str] = Counter()
        self._stopped = asyncio.Event()

    def of_version_2(self) -> int:
        """How many facts of version 2 are acknowledged."""
        return sum(each["type"].endswith(".v2") for each in self.acknowledged)

    async def run(self) -> None:
        """State calls until told to stop."""
        async with httpx.AsyncClient(timeout=30) as http:
            for number, (call, answer) in enumerate(calls()):
                if self._stopped.is_set():
                    return
                newer = self.newer if number % 2 else None
                await self._hand_over(http, [call])
                if newer is None:
                    await self._hand_over(http, [answer])
                else:
                    way = ("visit", "call_back", "message")[number % 3]
                    await self._hand_over(http, [as_version_2(answer, way)], newer)
                await asyncio.sleep(_PAUSE_SECONDS)

    def stop(self) -> None:
        """End after what is being handed over."""
        self._stopped.set()

    async def state(self, facts: Sequence[Raw]) -> None:
        """State facts of any contexts, in their order."""
        async with httpx.AsyncClient(timeout=30) as http:
            for context, some in itertools.groupby(facts, lambda each: each["type"].split(".")[1]):
                del context
                of_one = list(some)
                for at in range(0, len(of_one), _AT_ONCE):
                    await self._hand_over(http, of_one[at : at + _AT_ONCE])

    async def _hand_over(
        self, http: httpx.AsyncClient, facts: list[Raw], deployment: Deployment | None = None
    ) -> None:
        context = facts[0]["type"].split(".")[1]
        while True:
            to = deployment or self.older
            headers = {"authorization": f"Bearer {to.operator_key}"}
            try:
                answer = await http.post(f"{to.url(context)}/events", json=facts, headers=headers)
            except httpx.HTTPError as error:
                self.refused[type(error).__name__] += 1
            else:
                if answer.status_code == 202:
                    said = {item["status"] for item in answer.json()["items"]}
                    assert said <= {"accepted", "repeated", "set_aside"}, answer.text
                    self.acknowledged += facts
                    return
                assert answer.status_code == 503, (answer.status_code, answer.text)
                self.refused["503"] += 1
            await asyncio.sleep(_RETRY_SECONDS)


async def state_again(facts: Sequence[Raw], deployment: Deployment, seed: int) -> None:
    """State facts to another deployment, in an order of chance."""
    again = sorted(facts, key=lambda each: each["type"].split(".")[1])
    chance = random.Random(seed)
    upstream = Upstream(deployment)
    for _, some in itertools.groupby(again, lambda each: each["type"].split(".")[1]):
        of_one = list(some)
        chance.shuffle(of_one)
        await upstream.state(of_one)
