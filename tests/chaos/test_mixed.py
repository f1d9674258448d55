"""The crash test: everything dies, freezes or falls silent in turn, and nothing acknowledged is lost."""

import asyncio
import logging
import os
from collections.abc import Callable, Iterator

import pytest

from deploy.cli.progress import progress, wait_until_done
from deploy.deployment import PROCESSES
from deploy.local import Stack
from services.detection.rules import BY_NAME
from services.platform.database import open_pool
from services.platform.log import end_offsets
from services.simulator import Settings as Street
from tests.chaos.hand import Hand, deal
from tests.chaos.publisher import Publisher, deliveries_of
from tests.chaos.scenario import Scenario
from tests.chaos.standing import deployed, servers
from tests.chaos.verdict import (
    announced_findings,
    assert_journal,
    assert_ledgers,
    assert_log,
    open_findings,
    told_findings,
    without_receipts,
)
from tests.services.detection.expected import expected_findings

SECONDS = int(os.environ.get("DIBAO_CHAOS_SECONDS", "480"))
"""Of one seed, which takes a minute or so on a quiet machine of two cores."""

PATIENCE = SECONDS / 4
"""For any one thing that is waited for."""

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(SECONDS + 120)]  # to start and to end it all

SEED = int(os.environ.get("DIBAO_CHAOS_SEED", "20211231"))
"""Another run by `DIBAO_CHAOS_SEED=7 make chaos-quick`: other people, another order, other moments."""

HANDS = deal(SEED)

DELIVERY = 30
HOUSEHOLDS, FROM, TO = 60, "2020-01", "2020-12"

NOT_RUN = ("reporting", "closer")
"""Nothing is asked of one, and one has no day to close."""

RARE = {"ledger-overdue", "recovered-short", "task-behind"} | {
    *("integrity-conflicting-content", "integrity-number-used-twice", "integrity-out-of-area")
}
"""Rules for which so short a time may have no case, and what no honest office does."""


@pytest.fixture(scope="module")
def own_stack() -> Iterator[Stack]:
    """Servers of these tests' own, since they are killed."""
    with servers() as stack:
        yield stack


@pytest.mark.parametrize(
    "hand",
    [
        pytest.param(hand, id=f"seed-{hand.seed}", marks=[pytest.mark.slow] if at else [])
        for at, hand in enumerate(HANDS)
    ],
)
async def test_nothing_is_lost_doubled_or_misjudged(
    own_stack: Stack,
    hand: Hand,
    record_property: Callable[[str, object], None],
    caplog: pytest.LogCaptureFixture,
) -> None:
    print(hand)
    caplog.set_level(logging.CRITICAL, logger="aiokafka")  # it says of every try that there is no broker
    street = Street(households=HOUSEHOLDS, first=FROM, last=TO, seed=hand.seed)
    deliveries = deliveries_of(street, DELIVERY)
    async with deployed(own_stack, f"seed{hand.seed}", without=NOT_RUN, seconds=PATIENCE) as (
        deployment,
        lines,
        urls,
    ):
        publisher = Publisher(deployment, urls, deliveries)
        scenario = Scenario(deployment, publisher, lines, hand, PATIENCE)
        try:
            async with asyncio.timeout(SECONDS):
                await play(scenario)
        except (TimeoutError, ExceptionGroup) as error:
            raise AssertionError(f"{error!r}\n{await scenario.told()}") from error
        record_property("chaos", f"seed {hand.seed}: {publisher.sentence()}")
        print(publisher.sentence())
    assert scenario.done.keys() == hand.befalling()


async def play(scenario: Scenario) -> None:
    """Publish everything while the scenario takes its course, then compare what came of it."""
    deployment, publisher = scenario.deployment, scenario.publisher
    async with asyncio.TaskGroup() as group:
        group.create_task(publisher.run())
        await scenario.play()
        publisher.limit = 1.0
        scenario.say("all of it is done")
    assert len(publisher.acknowledged) == publisher.total
    scenario.say("everything is acknowledged")

    pool = await open_pool(deployment.settings.database_url)
    try:
        async with scenario.waiting("everything to be worked through"):
            done = await wait_until_done(deployment.settings, pool, patience=PATIENCE)
        if done is None:
            raise TimeoutError(f"still to do: {await progress(deployment.settings, pool)}")
        scenario.say(f"worked through: {done.sentence()}")
        for service in PROCESSES:
            if service not in (*NOT_RUN, "detection"):
                assert deployment.is_running(service), f"{service} ended: {deployment.tail(service)}"
        for worker in ("a", "b"):
            assert deployment.is_running("detection", worker), deployment.tail("detection", worker)

        await assert_log(deployment.settings, publisher.acknowledged, publisher.closed, ())
        async with scenario.waiting("the journal to have everything"):
            records = await assert_journal(deployment.settings, pool)
        await assert_ledgers(pool, publisher.acknowledged, publisher.closed)
        expected = without_receipts(expected_findings(publisher.acknowledged, max(publisher.closed)))
        found = {finding[0] for finding in expected}
        assert BY_NAME.keys() - found <= RARE, "a rule has nothing to find"
        assert await open_findings(pool) == expected
        announced, repeats = await announced_findings(deployment.settings)
        assert announced == expected
        async with scenario.waiting("everything to be told"):
            assert await told_findings(pool, deployment.settings) == expected
        assert sum((await end_offsets(deployment.settings, ["dlq"])).values()) == 0, "dead letters"
        scenario.say(
            f"{len(expected)} findings as the oracle has them; {repeats} announced twice; "
            f"{records} records in the journal as in Kafka"
        )
    finally:
        await pool.close()
