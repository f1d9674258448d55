"""The long crash test, `make chaos`: cycles of what can befall a deployment, and a verdict in the end."""

import asyncio
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from deploy.cli.progress import progress, wait_until_done
from deploy.local import Stack
from deploy.local.postgres import NAME as POSTGRES
from events.envelope import event_id_of
from services.alerting.subscription import Bounds
from services.platform.database import open_pool
from services.platform.log import end_offsets
from services.platform.provenance import forged_count, forgeries
from services.platform.quarantine import quarantined
from services.reporting import queries
from services.simulator import Settings as Street
from tests.chaos import clock
from tests.chaos.cards import CLOCKED, Card, dealt, deck
from tests.chaos.clock import Clocks
from tests.chaos.disk import Disk
from tests.chaos.publisher import Publisher, deliveries_of
from tests.chaos.scene import Liar, Scene, called, until
from tests.chaos.standing import deployed, servers
from tests.chaos.verdict import (
    all_delivered,
    announced_findings,
    assert_delivered,
    assert_journal,
    assert_ledgers,
    assert_log,
    open_findings,
    told_findings,
    undisturbed_annex2,
    without_receipts,
)
from tests.conftest import made_database
from tests.ports import free_port
from tests.services.alerting.office import Office
from tests.services.alerting.receiver import SECRET, Receiver
from tests.services.detection.expected import expected_findings

CYCLES = int(os.environ.get("DIBAO_CHAOS_CYCLES", "50"))
SEED = int(os.environ.get("DIBAO_CHAOS_SEED", "20211231"))
KINDS = [kind for kind in os.environ.get("DIBAO_CHAOS_KINDS", "").split(",") if kind]
"""Only cards of these kinds, to look at one of them; without, all."""
WITHOUT = {kind for kind in os.environ.get("DIBAO_CHAOS_WITHOUT", "").split(",") if kind}
"""Kinds that this machine cannot do, and somebody has said so: ``disk``, ``clock``."""

PATIENCE = 240.0
"""For any one thing that is waited for, in seconds."""
DELIVERY = 10
HOUSEHOLDS, FROM, TO = min(40, 6 + CYCLES), "2020-01", "2021-06"
QUARTERS = tuple(date.fromisoformat(day) for day in ("2020-03-31", "2020-06-30", "2020-12-31", "2021-06-30"))
DOSE_SECONDS = 6.0
"""In how long what is published in a cycle is released, beside what befalls."""

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.slow,
    pytest.mark.timeout(1200 + 150 * CYCLES),
]


def disks_of(root: Path) -> Mapping[str, Disk]:
    """File systems for both servers' data and for the journal."""
    if "disk" in WITHOUT:
        return {}
    if os.geteuid() != 0:
        pytest.fail(
            "Full disks need root, which mounts file systems of their own. To run without them say "
            "DIBAO_CHAOS_WITHOUT=disk."
        )
    return {
        "kafka": Disk(root / "data" / "kafka", root / "kafka.img", 4096),
        "postgres": Disk(root / "data" / "postgres", root / "postgres.img", 6144),
        "journal": Disk(root / "journal", root / "journal.img", 512),
    }


@pytest.fixture
def clocks() -> Iterator[Clocks | None]:
    """Clocks that can be stepped, of all processes."""
    if "clock" in WITHOUT:
        yield None
        return
    library = clock.library()
    if library is None:
        pytest.fail(
            "Clocks are stepped by libfaketime: install it (Debian: apt install faketime). To run without "
            "say DIBAO_CHAOS_WITHOUT=clock."
        )
    with tempfile.TemporaryDirectory(prefix="dibao-chaos-clocks-") as folder:
        yield Clocks(Path(folder), library)


def policies(chance: random.Random) -> list[dict[str, Any]]:
    """Facts of policy that change what is found: each of another day, none of a day that the street names."""
    months = [f"{year}-{month:02d}-01" for year in (2020, 2021) for month in range(1, 7)]
    values = {"large_payment.multiple": ("1.05", "1.2", "1.4"), "death.grace_months": (1, 2, 4)}
    return [
        {
            "specversion": "1.0",
            "id": f"chaos-{number}",
            "source": "/civil-affairs/500102/policy",
            "type": "dibao.policy.adopted.v1",
            "time": "2020-01-02T09:30:00+08:00",
            "datacontenttype": "application/json",
            "data": {
                "parameter": name,
                "value": chance.choice(values[name]),
                "from": month,
                "document": f"涪民政发〔2020〕{100 + number}号",
            },
        }
        for number, (name, month) in enumerate(
            chance.sample([(name, month) for name in values for month in months[1:]], k=20)
        )
    ]


class Course:
    """One run: what befalls in each cycle, what is published beside it, and the verdict."""

    def __init__(self, scene: Scene, urls: Mapping[str, str], receiver: Receiver, pool: asyncpg.Pool) -> None:
        self.scene = scene
        self.publisher = scene.publisher
        self.urls = urls
        self.receiver = receiver
        self.pool = pool
        self.liar = Liar(
            scene.deployment, urls, [fact for each in scene.publisher.deliveries for fact in each.facts]
        )
        self.befell: Counter[str] = Counter()
        self.drawn: set[str] = set()
        self.longest = (0.0, "")
        self.answers: dict[str, set[bytes]] = {}
        """What reporting said of a closed day, whenever it was asked."""

    async def run(self) -> None:
        """Play all cycles, let everything settle, and judge."""
        number = await Office(self.pool).subscribe(
            target=self.receiver.url,
            secret=SECRET,
            bounds=Bounds(most=10**6, gather=timedelta(seconds=1)),
        )
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            beside = [group.create_task(self.liar.run()), group.create_task(self.ask())]
            group.create_task(self.publisher.run())
            await self.cycles()
            self.publisher.limit = 1.0
            await until("everything to be acknowledged", self.done, PATIENCE)
            for task in beside:
                task.cancel()
        seconds, meanwhile = self.longest
        print(
            f"{self.befell.total()} faults in {CYCLES} cycles and {time.monotonic() - began:.0f} s: "
            + ", ".join(f"{count} {kind}" for kind, count in sorted(self.befell.items()))
            + f"; {len(self.drawn)} of the deck's {len({card.name for card in deck()})} different ones; "
            f"longest silence {seconds:.1f} s, in {meanwhile}"
        )
        await self.judge(number)

    async def done(self) -> bool:
        """Whether all that was to be published is acknowledged."""
        return self.publisher.share == 1

    async def cycles(self) -> None:
        """One after the other; a little of what there is to publish in each."""
        kinds = KINDS or sorted({card.kind for card in deck()} - WITHOUT)
        hands = dealt(self.scene.chance, kinds)
        for number in range(1, CYCLES + 1):
            await self.cycle(number, next(hands))

    async def cycle(self, number: int, cards: list[Card]) -> None:
        """Let it befall, and see that all processes run and that upstream is heard again."""
        publisher, began = self.publisher, time.monotonic()
        publisher.http.silence = publisher.kafka.silence = 0.0
        async with asyncio.TaskGroup() as group:
            played = [group.create_task(self.play(card)) for card in cards]
            group.create_task(self.dose(number / CYCLES * 0.97))
        may_end = {name for card in cards for name in card.may_end}
        ended = {called(worker): self.scene.deployment.tail(*worker) for worker in self.scene.ended()}
        for name in ended.keys() - may_end:
            raise AssertionError(f"{name} ended by itself in cycle {number}:\n{ended[name]}")
        await self.scene.heal()

        async def heard() -> bool:
            return publisher.idle

        await until("upstream to be heard", heard, PATIENCE)
        for name in ended:
            print(f"    {name} ended by itself: {ended[name].splitlines()[-1][:200]}")
        silence = max(publisher.http.silence, publisher.kafka.silence)
        said = "; ".join(task.result() for task in played)
        self.longest = max(self.longest, (silence, f"cycle {number}: {said}"))
        print(
            f"cycle {number}/{CYCLES}, {time.monotonic() - began:.0f} s, {publisher.share:.1%} acknowledged, "
            f"silence {silence:.1f} s: {said}",
            flush=True,
        )

    async def play(self, card: Card) -> str:
        """Let a card befall; return what is to be told."""
        try:
            async with asyncio.timeout(PATIENCE * 2):
                said = await card.happen(self.scene)
        except TimeoutError:
            raise AssertionError(f"{card.name} does not end\n{self.scene.deployment.tails()}") from None
        if said != "did not come":
            self.befell[card.kind] += 1
            self.drawn.add(card.name)
        return f"{card.name} ({said})" if said else card.name

    async def dose(self, goal: float) -> None:
        """Let publishers go on up to a share of all, little by little."""
        publisher, began = self.publisher, self.publisher.limit
        for tenth in range(1, int(DOSE_SECONDS * 10) + 1):
            await asyncio.sleep(0.1)
            publisher.limit = max(publisher.limit, began + (goal - began) * tenth / (DOSE_SECONDS * 10))

    async def ask(self) -> None:
        """Ask for Annex 2 as of a day that is closed, again and again: it is always the same."""
        headers = {"authorization": f"Bearer {self.scene.deployment.operator_key}"}
        async with httpx.AsyncClient(timeout=20) as client:
            while True:
                await asyncio.sleep(2)
                for day in [day.isoformat() for day in self.publisher.closed]:
                    url = f"{self.urls['reporting']}/annex2?until={day}&as_of={day}"
                    try:
                        answer = await client.get(url, headers=headers)
                    except httpx.HTTPError:
                        continue
                    if answer.status_code == 200:
                        self.answers.setdefault(day, set()).add(answer.content)
                    else:
                        told = answer.status_code, answer.text, self.scene.deployment.tail("reporting")
                        assert answer.status_code in (409, 503), told

    async def judge(self, subscription: int) -> None:
        """Everything acknowledged is there once, and nothing else; and all that follows from it is right."""
        scene, publisher, pool = self.scene, self.publisher, self.pool
        settings = scene.deployment.settings
        facts, days = publisher.acknowledged, publisher.closed
        assert len(facts) - publisher.besides == publisher.total
        began = time.monotonic()
        for place in scene.forged:
            await scene.command(
                "quarantine",
                "forged",
                "--dealt-with",
                "/".join(map(str, place)),
                "--reason",
                "a drill",
                "--by",
                "甲",
            )
        done = await wait_until_done(settings, pool, patience=PATIENCE)
        if done is None:
            still = await progress(settings, pool)
            raise AssertionError(f"still to do: {still}\n{scene.deployment.tails()}")
        async with asyncio.timeout(PATIENCE * 2):
            records = await assert_journal(settings, pool)
            refused = {event_id_of(*each) for each in self.liar.refused}
            repeats = await assert_log(settings, facts, days, refused)
            await assert_ledgers(pool, facts, days)
            expected = without_receipts(expected_findings(facts, max(days)))
            assert await open_findings(pool) == expected
            announced, again = await announced_findings(settings)
            assert announced == expected
            for number in (0, subscription):
                assert await told_findings(pool, settings, number) == expected
            await all_delivered(pool, subscription)
            await assert_delivered(pool, settings, subscription, self.receiver.taken)
            async with made_database(scene.deployment.stack) as database:
                undisturbed = await open_pool(database)
                try:
                    for day, filled in (await undisturbed_annex2(undisturbed, facts, QUARTERS)).items():
                        assert await queries.annex2(pool, day, by="village") == filled, day
                finally:
                    await undisturbed.close()
            assert {day: len(each) for day, each in self.answers.items() if len(each) > 1} == {}
            assert await forged_count(pool) == 0
            there = {(row["topic"], row["partition"], row["offset"]) for row in await forgeries(pool)}
            assert there == set(scene.forged)
            hidden = {(one.topic, one.partition, one.offset) for one in await quarantined(pool)}
            assert hidden == set(scene.poisoned)
            letters = sum((await end_offsets(settings, ["dlq"])).values())
            assert self.liar.put <= letters, "records of no facts without a dead letter"
        tried = await scene.command("backtest")
        assert "与现行结果完全一致" in tried, tried
        print(
            f"judged in {time.monotonic() - began:.0f} s: {len(facts)} facts acknowledged and in effect "
            f"once, {repeats} of them twice on the log; {records} records in Kafka as in the journal; "
            f"{len(refused)} refused, {letters} dead letters; {len(expected)} findings as the naive scan has "
            f"them, {again} announced twice; {len(self.receiver.taken)} notices, {self.receiver.doubled} of "
            f"them twice; Annex 2 of {len(QUARTERS)} quarters as undisturbed, of {len(self.answers)} closed "
            "days always the same"
        )


@asynccontextmanager
async def course(stack: Stack, clocks: Clocks | None, disks: Mapping[str, Disk]) -> AsyncIterator[Course]:
    """Give a run on a stack."""
    chance = random.Random(SEED)
    street = Street(households=HOUSEHOLDS, first=FROM, last=TO, seed=SEED % 10_000)
    deliveries = deliveries_of(street, DELIVERY)

    def told(process: str) -> Mapping[str, str]:
        if clocks is None or process.removeprefix("chaos-") not in CLOCKED:
            return {}
        return clocks.environment(process)

    receiver = Receiver(port=free_port())
    async with (
        deployed(stack, "chaos", seconds=PATIENCE, environment=told) as (deployment, lines, urls),
        receiver.listening(),
    ):
        await asyncio.to_thread(deployment.start, "detection", "b")
        for line in lines.all:
            line.chance = chance.random
        scene = Scene(
            deployment,
            Publisher(deployment, urls, deliveries),
            lines,
            clocks or Clocks(stack.root / "clocks", Path()),
            disks,
            chance,
            PATIENCE,
            policies=policies(chance),
        )
        pool = await open_pool(deployment.settings.database_url)
        try:
            yield Course(scene, urls, receiver, pool)
        finally:
            await pool.close()


async def test_nothing_is_lost_doubled_or_misjudged(clocks: Clocks | None) -> None:
    print(f"\n{CYCLES} cycles of seed {SEED}; again: DIBAO_CHAOS_SEED={SEED} make chaos")
    for kind in sorted(WITHOUT):
        print(f"NOT DONE, as DIBAO_CHAOS_WITHOUT says: {kind}")
    environment = {} if clocks is None else clocks.environment(POSTGRES)
    disks: dict[str, Disk] = {}

    def made(root: Path) -> Mapping[str, Disk]:
        disks.update(disks_of(root))
        return disks

    with servers(environment=environment, disks=made) as stack:
        async with course(stack, clocks, disks) as run:
            await run.run()
