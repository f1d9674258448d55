"""Intake: facts as an office hands them over, until Kafka has acknowledged each; tokens and sealing included.

A service a context, as in a deployment. The requests are made beforehand, so that the clock does not see it.
"""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from deploy.bench import logs
from deploy.bench.facts import Facts
from deploy.bench.ground import Ground, Site
from deploy.bench.measure import LostFactsError, Measure, expect
from services.platform.keys import Keys

BATCH = 1000
"""Events in one HTTP request."""
_IN_FLIGHT = 2
"""Requests that one upstream has under way: the next is on its way while one is answered."""
_TIMEOUT = httpx.Timeout(600)

PROFILED = "payments"
"""The service that is profiled: nearly all facts are payments."""


async def over_http(ground: Ground, site: Site, facts: Facts, profile: Path | None = None) -> Measure:
    """Measure CloudEvents in batches over HTTP. ``profile``: where a profile of one service is written."""
    requests = {
        context: [
            b"[" + b",".join(fact.line for fact in found[start : start + BATCH]) + b"]"
            for start in range(0, len(found), BATCH)
        ]
        for context, found in facts.by_context.items()
    }

    async def send(client: httpx.AsyncClient, url: str, bodies: Sequence[bytes]) -> int:
        waiting = iter(bodies)

        async def one() -> int:
            accepted = 0
            for body in waiting:
                answer = await client.post(
                    f"{url}/events",
                    content=body,
                    headers={"content-type": "application/cloudevents-batch+json"},
                )
                accepted += _accepted(answer, ("receipt",))
            return accepted

        return sum(await asyncio.gather(*(one() for _ in range(_IN_FLIGHT))))

    return await _measured(
        ground, site, facts, requests, send, f"HTTP, CloudEvents, batches of {BATCH}", profile
    )


async def as_files(ground: Ground, site: Site, facts: Facts, profile: Path | None = None) -> Measure:
    """Measure NDJSON files, one a context."""
    files = {
        context: [b"\n".join(fact.line for fact in found) + b"\n"]
        for context, found in facts.by_context.items()
    }

    async def send(client: httpx.AsyncClient, url: str, bodies: Sequence[bytes]) -> int:
        accepted = 0
        for body in bodies:
            answer = await client.post(
                f"{url}/files",
                content=body,
                params={"name": "bench.ndjson"},
                headers={"content-type": "application/octet-stream"},
            )
            accepted += _accepted(answer, ())
        return accepted

    return await _measured(ground, site, facts, files, send, "files, NDJSON", profile)


async def _measured(
    ground: Ground,
    site: Site,
    facts: Facts,
    bodies: dict[str, list[bytes]],
    send: Any,
    what: str,
    profile: Path | None,
) -> Measure:
    names = {context: f"{site.name}-{context}" for context in bodies}
    try:
        for context, name in names.items():
            extra = ("--profile", str(profile)) if profile is not None and context == PROFILED else ()
            await ground.start(site, name, "serve", context, *extra, port=name)
        urls = {context: await ground.answer(name) for context, name in names.items()}
        key = Keys.from_settings(site.settings).operator_key
        await ground.rest()
        async with httpx.AsyncClient(timeout=_TIMEOUT, headers={"authorization": f"Bearer {key}"}) as client:
            before = ground.usage(*names.values())
            began = time.monotonic()
            accepted = await asyncio.gather(
                *(send(client, urls[context], found) for context, found in bodies.items())
            )
            seconds = time.monotonic() - began
            usage = ground.usage(*names.values()) - before
    finally:
        await ground.stop(*names.values())
    expect("facts accepted", sum(accepted), len(facts))
    for context, found in facts.by_context.items():
        expect(f"records on the log of {context}", await logs.length(site.settings, (context,)), len(found))
    return Measure("intake", what, len(facts), seconds, usage)


def _accepted(answer: httpx.Response, path: Sequence[str]) -> int:
    body = answer.json()
    if answer.status_code not in (200, 201, 202, 207):
        raise LostFactsError(f"intake refused ({answer.status_code}): {str(body.get('error'))[:300]}")
    for name in path:
        body = body[name]
    if body["accepted"] != body["lines"]:
        raise LostFactsError(f"intake accepted {body['accepted']} of {body['lines']}")
    return int(body["accepted"])


async def produce_log(ground: Ground, site: Site, facts: Facts) -> None:
    """Fill a site's log without measuring: for stages that begin with one."""
    await over_http(ground, site, facts)
