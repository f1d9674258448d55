"""An upgrade process by process, as docs/operations/upgrade.md has it, while an upstream goes on publishing.

The new version has a type in its second version and one more rule. First it is tried and taken back, then it
is brought in the wrong way round, so that readers of before meet facts of version 2; in the end it is as if
the new version had been there from the start.
"""

import asyncio
import os
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import orjson
import pytest

from deploy.deployment import PROCESSES
from deploy.local import Stack, StackSettings, down, up
from deploy.migrations.roles import url_of
from events.catalogue import CONTEXTS
from events.envelope import event_id_of
from projections.ledgers import LEDGERS
from projections.schema import POSITIONS
from services.closer.closing import close_day
from services.platform import offsets
from services.platform.log import end_offsets, read_log
from services.simulator import Settings as Street
from services.simulator import World
from tests.conftest import made_database
from tests.deploy.checkout import make_checkout, run
from tests.deploy.upgrade.next_version import RULE, as_version_2, make_next_version
from tests.deploy.upgrade.upstream import Upstream, calls, state_again
from tests.deployment import Deployment
from tests.operator import OPERATOR_KEY
from tests.services.intake.handing_over import hand_over

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3000)]

PATIENCE = 300.0
READERS = ("detection", "projector", "alerting", "reporting")
ALONE = ("closer", "journal")
"""Of these one runs at a time."""
INTAKE = tuple(name for name in PROCESSES if name not in (*READERS, *ALONE))
STREET = Street(households=12, first="2021-01", last="2021-04", seed=38)
CLOSED = date(2021, 6, 30)

_AUTHORIZER = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": "User:ANONYMOUS",
}


@pytest.fixture
def servers() -> Iterator[Stack]:
    """Servers of their own, where `dibao prepare` finds an authorizer for its permissions."""
    root = Path(tempfile.mkdtemp(prefix=f"dibao-test-{os.getpid()}-"))
    root.chmod(0o755)
    settings = StackSettings(root=root, fsync=False, shared_buffers="128MB", kafka_properties=_AUTHORIZER)
    try:
        yield up(settings, print)
    finally:
        down(settings, purge=True)
        shutil.rmtree(root)


class Installed(Deployment):
    """A version of dibao on the servers: its processes, beside those of another one, and its commands."""

    def __init__(self, stack: Stack, program: Path, name: str, database: str, prefix: str) -> None:
        self.home = program.parents[2]
        super().__init__(stack, stack.root, name=name, database_url=database, prefix=prefix, code=self.home)
        self._program = program

    def done(self, *words: str) -> str:
        """What a command of this version says that succeeds."""
        told = self.told_by(*words)
        assert told[0] == 0, told[1]
        return told[1]

    def told_by(self, *words: str) -> tuple[int, str]:
        """The exit code of a command of this version, and what it says, in one line."""
        settings, url = self.settings, self.settings.database_url
        operator = self.stack.root / "operator.key"
        operator.write_text(OPERATOR_KEY + "\n", encoding="ascii")
        environment = {
            "DIBAO_KAFKA": settings.kafka,
            "DIBAO_DATABASE_URL": url,
            "DIBAO_DATABASE_URL_PROJECTOR": url_of(url, "projector"),
            "DIBAO_DATABASE_URL_DETECTION": url_of(url, "detection"),
            "DIBAO_TOPIC_PREFIX": settings.topic_prefix,
            "DIBAO_MASTER_KEY_FILE": str(settings.master_key_file),
            "DIBAO_LOG_KEY_FILE": os.environ["DIBAO_LOG_KEY_FILE"],
            "DIBAO_JOURNAL": str(settings.journal),
            "DIBAO_JOURNAL_KEY_FILE": str(settings.journal_key_file),
            "DIBAO_OPERATOR_KEY_FILE": str(operator),
            "DIBAO_FLUSH": "false",
        }
        found = run(self._program, *words, folder=self.stack.root, environment=environment)
        return found.returncode, " ".join((found.stdout + found.stderr).split())

    async def command(self, *words: str) -> str:
        """The same without holding up what goes on here."""
        return await asyncio.to_thread(self.done, *words)

    async def prepared(self) -> None:
        """Run `dibao prepare`, again where a server did not answer in time."""

        async def is_done() -> bool:
            code, said = await asyncio.to_thread(self.told_by, "prepare")
            if code != 0:
                print(said)
            return code == 0

        await eventually(is_done, "dibao prepare is done")

    def has_ended(self, name: str) -> bool:
        return not self.is_running(name)

    async def ends(self, name: str) -> None:
        """Wait until a process ends by itself."""
        await eventually(lambda: self.has_ended(name), f"the {self.home.name} {name} ends")

    async def waits(self, name: str, after: int = 0) -> None:
        """Wait until a process says that it waits for a rebuild, behind what it had said before."""
        await eventually(
            lambda: "`dibao rebuild" in self.log(name)[after:],
            f"the {self.home.name} {name} says why it waits",
        )
        assert not self.has_ended(name)

    def says(self, name: str, words: str) -> bool:
        return words in " ".join(self.log(name).split())


@asynccontextmanager
async def versions(stack: Stack) -> AsyncIterator[tuple[Installed, Installed, Installed]]:
    """This version and the next on one database and log, and the next one alone on others; all are ended."""
    folder = stack.root / "checkouts"
    this, next_ = make_checkout(folder / "this"), make_next_version(folder / "next")
    async with made_database(stack) as database, made_database(stack) as fresh:
        found = (
            Installed(stack, this, "old", database, "rolling"),
            Installed(stack, next_, "new", database, "rolling"),
            Installed(stack, next_, "fresh", fresh, "fresh"),
        )
        try:
            yield found
        except BaseException:
            print(found[0].tails())
            raise
        finally:
            await asyncio.to_thread(stack.stop)


async def eventually(holds: Callable[[], Any], what: str, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while True:
        held = holds()
        if await held if isinstance(held, Awaitable) else held:
            return
        assert time.monotonic() < deadline, what
        await asyncio.sleep(0.2)


async def started(installed: Installed, *names: str) -> None:
    for name in names:
        installed.start(name)
    await installed.serving(names, seconds=PATIENCE)


async def settled(installed: Installed) -> None:
    """Wait until all that was published is worked through, as this version sees it."""

    async def waited() -> bool:
        code, _ = await asyncio.to_thread(installed.told_by, "wait", "--timeout", "60")
        return code == 0

    await eventually(waited, "all is worked through", 4 * PATIENCE)


async def passed(installed: Installed) -> None:
    """Wait until ledgers and findings have all that stands on the log now, whatever comes meanwhile."""
    contexts = [context for context in CONTEXTS if context != "anomalies"]
    ends = await end_offsets(installed.settings, contexts)

    async def behind() -> bool:
        async with asked(installed) as connection:
            number = int((await live_schema(connection, "detection")).partition("_g")[2])
            for name, version in (("detection", number), ("projector", POSITIONS)):
                positions = await offsets.positions(connection, name, version)
                if any(positions.get(place, 0) < end for place, end in ends.items() if place in positions):
                    return False
        return True

    await eventually(behind, "all that stands on the log is worked through")


async def live_schema(connection: asyncpg.Connection, name: str) -> str:
    number = await connection.fetchval("select live from platform.generation where name = $1", name)
    return f"{name}_g{number}"


@asynccontextmanager
async def asked(installed: Installed) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(installed.settings.database_url)
    try:
        yield connection
    finally:
        await connection.close()


def _without_receipts(params: str) -> Any:
    return {name: value for name, value in orjson.loads(params).items() if name != "receipts"}


async def findings(installed: Installed) -> dict[tuple[str, str], Any]:
    """The open findings, with all that they say but which receipts facts came with."""
    async with asked(installed) as connection:
        schema = await live_schema(connection, "detection")
        rows = await connection.fetch(f"select * from {schema}.finding where state = 'open'")
    told = ("rule_version", "month", "household_no", "severity", "evidence", "holds_since", "policy")
    return {
        (row["rule"], row["key"]): (
            _without_receipts(row["params"]),
            *(row[name] for name in told),
        )
        for row in rows
    }


async def finds(installed: Installed, rule: str) -> bool:
    """Whether a rule has open findings."""
    return rule in {found for found, _ in await findings(installed)}


async def ledgers(installed: Installed) -> dict[str, Counter[str]]:
    """Every row of every ledger, as text, but for the receipt that a payment came with."""
    async with asked(installed) as connection:
        await connection.execute(f"set search_path to {await live_schema(connection, 'projection')}")
        return {
            noun: Counter(
                row[0]
                for row in await connection.fetch(
                    f"select (to_jsonb(l) - 'correlation_id')::text from {noun}_now l"
                )
            )
            for noun in LEDGERS
        }


async def facts(installed: Installed) -> Counter[tuple[str, str, str]]:
    """Every fact that upstream stated, with its type and digest, as the projection keeps it."""
    async with asked(installed) as connection:
        schema = await live_schema(connection, "projection")
        rows = await connection.fetch(
            f"select event_id::text, digest::text, type from {schema}.fact "
            "where context not in ('anomalies', 'calendar')"
        )
    return Counter((row["event_id"], row["digest"], row["type"]) for row in rows)


async def announced(installed: Installed) -> tuple[set[tuple[str, str]], int]:
    """What stands open by the topic of anomalies, by rule and key; and how many records only repeat one.

    Fails where a revision is missing or announced twice with different words.
    """
    seen: dict[Any, Any] = {}
    last: dict[Any, Any] = {}
    repeats = 0
    async for records in read_log(installed.settings, ["anomalies"]):
        for record in records:
            event = record.event
            if event.event_id in seen:
                assert seen[event.event_id] == (event.type, event.data)
                repeats += 1
                continue
            seen[event.event_id] = event.type, event.data
            before = last.get(event.data.anomaly_id)
            assert event.data.revision == (1 if before is None else before[1].revision + 1)
            last[event.data.anomaly_id] = event.type, event.data
    standing = {
        (data.rule, orjson.dumps(data.key, option=orjson.OPT_SORT_KEYS).decode())
        for type_, data in last.values()
        if not type_.endswith(".withdrawn.v1")
    }
    return standing, repeats


async def told(installed: Installed) -> tuple[int, int]:
    """How many announcements people were to be told of, and how many stand in notices."""
    async with asked(installed) as connection:
        items, said = await connection.fetchrow(
            """
            select (select count(*) from alerting.item where subscription = 0 and notice is not null),
              (select coalesce(sum((content ->> 'announcements')::int), 0) from alerting.notice
              where subscription = 0)
            """
        )
    return int(items), int(said)


def answered_otherwise(upstream: Upstream) -> set[str]:
    """Calls of the upstream's own that nobody took, and that were answered otherwise than by calling back."""
    missed, otherwise = set(), set()
    for raw in upstream.acknowledged:
        number = raw["data"].get("call_no", "")
        if not number.startswith("DH"):
            continue
        if raw["type"].endswith(".called.v1"):
            missed |= set() if raw["data"]["picked_up"] else {number}
        elif not raw["data"].get("called_back") and raw["data"].get("way") != "call_back":
            otherwise.add(number)
    return missed & otherwise


def say(what: str, began: float) -> None:
    print(f"{time.monotonic() - began:6.1f} s  {what}", flush=True)


async def test_a_version_is_brought_in_process_by_process_and_taken_back(servers: Stack) -> None:
    began = time.monotonic()
    street = [raw for day in World(STREET).days() for raw in day.facts]
    async with versions(servers) as (old, new, fresh):
        await old.prepared()
        await started(old, *PROCESSES)
        await close_day(old.settings, CLOSED)
        upstream = Upstream(old)
        stating = asyncio.ensure_future(upstream.run())
        try:
            await upstream.state(street[: len(street) // 2])
            say("the old version runs, and half of the street is stated", began)
            await tried_and_taken_back(old, new)
            say("the new version was tried and taken back", began)
            await brought_in_the_wrong_way_round(old, new, upstream)
            say("readers of before met version 2 and stopped", began)
            await rebuilt_and_swapped(old, new)
            say("rebuilt, and the readers of before wait", began)
            await old_intake_replaced(old, new, upstream)
            await upstream.state(street[len(street) // 2 :])
            say("only the new version runs, and all of the street is stated", began)
        finally:
            upstream.stop()
            await asyncio.gather(stating, return_exceptions=True)
        stating.result()
        await settled(new)
        await asyncio.to_thread(new.stop, *PROCESSES)
        assert upstream.of_version_2() > 20
        print(f"{len(upstream.acknowledged)} facts, {upstream.of_version_2()} of v2, {upstream.refused}")

        await fresh.prepared()
        await started(fresh, *INTAKE, "detection", "projector", "alerting")
        await state_again(upstream.acknowledged, fresh, seed=7)
        await close_day(fresh.settings, CLOSED)
        await settled(fresh)
        say("a fresh installation has the same facts", began)
        await assert_same(new, fresh, upstream)


async def tried_and_taken_back(old: Installed, new: Installed) -> None:
    """Readers are replaced, and then those of before again: no fact of version 2 is in the way yet."""
    await passed(old)
    before = await findings(old)
    await new.prepared()
    await started(new, *READERS)
    for name in ("detection", "projector"):
        await new.waits(name)
        assert not old.has_ended(name)
    assert "is live" in await new.command("rebuild", "projection")
    assert "is live" in await new.command("rebuild", "detection")
    for name in ("detection", "projector"):
        await old.waits(name)
    await passed(new)
    await eventually(lambda: finds(new, RULE), "the new rule finds something")
    await asyncio.to_thread(new.stop, *READERS)
    await old.prepared()
    assert "is live" in await old.command("rebuild", "projection")
    assert "is live" in await old.command("rebuild", "detection")
    await passed(old)
    assert not await finds(old, RULE)
    assert before.keys() <= (await findings(old)).keys()


async def brought_in_the_wrong_way_round(old: Installed, new: Installed, upstream: Upstream) -> None:
    """Intake first: readers of before meet facts of version 2, stop at them and say so, each time."""
    await new.prepared()
    await started(new, *READERS, *INTAKE)
    upstream.newer = new
    for name in ("detection", "projector"):
        await old.ends(name)
        assert old.says(name, "unknown type, dibao.hotline.answered.v2: a newer version wrote it")
        assert old.says(name, "Nothing is skipped")
        old.start(name)
    for name in ("detection", "projector"):
        await old.ends(name)
    await old_intake_leaves_it_to_the_new_one(old, upstream)
    stated = upstream.of_version_2()
    await eventually(
        lambda: upstream.of_version_2() > stated + 5, "facts of version 2 are taken in meanwhile"
    )
    for name in ("alerting", "reporting", *INTAKE, *ALONE):
        assert not old.has_ended(name), f"the old {name}: {old.tail(name)}"


async def old_intake_leaves_it_to_the_new_one(old: Installed, upstream: Upstream) -> None:
    """What no process of before may refuse: it waits on the intake topic, and over HTTP is sent again."""
    call, answer = next(calls(20_000))
    newer = as_version_2(answer, "visit")
    async with httpx.AsyncClient(timeout=30) as http:
        headers = {"authorization": f"Bearer {old.operator_key}"}
        said = await http.post(f"{old.url('hotline')}/events", json=[newer], headers=headers)
    assert said.status_code == 503, said.text
    assert said.json()["errors"][0]["code"] == "newer-version"
    await hand_over(old.settings, "hotline", OPERATOR_KEY, *(orjson.dumps(fact) for fact in (newer, call)))
    upstream.acknowledged += [newer, call]


async def rebuilt_and_swapped(old: Installed, new: Installed) -> None:
    """The rebuild that is due is done; whoever of before is begun after it waits, as the new ones did."""
    for what, name in (("projection", "projector"), ("detection", "detection")):
        assert "is live" in await new.command("rebuild", what)
        said = len(old.log(name))
        old.start(name)
        await old.waits(name, after=said)
    await passed(new)


async def old_intake_replaced(old: Installed, new: Installed, upstream: Upstream) -> None:
    """What is left of the version of before ends, with all that it was told to do done."""
    upstream.older = new
    await asyncio.to_thread(old.stop, *INTAKE, *READERS, *ALONE)
    await started(new, *ALONE)


async def assert_same(new: Installed, fresh: Installed, upstream: Upstream) -> None:
    """Nothing is lost or counted twice, and all is as where there was never another version."""
    kept, expected = await facts(new), await facts(fresh)
    stated = {
        str(event_id_of(raw["source"], raw["id"]))
        for raw in upstream.acknowledged
        if not raw["type"].startswith("dibao.calendar.")
    }
    assert {event_id for event_id, *_ in kept} == stated
    assert set(kept.values()) == {1}
    assert kept == expected

    found = await findings(new)
    assert found == await findings(fresh)
    by_rule = {orjson.loads(key)["call_no"] for rule, key in found if rule == RULE}
    assert {number for number in by_rule if number.startswith("DH")} == answered_otherwise(upstream)

    one, other = await ledgers(new), await ledgers(fresh)
    for noun in LEDGERS:
        assert one[noun] == other[noun], noun
    assert one["hotline"] and one["payments"]

    standing, repeats = await announced(new)
    assert len(standing) == len(found)
    assert {rule for rule, _ in standing} == {rule for rule, _ in found}
    items, said = await told(new)
    assert items == said > 0, "nobody is told of anything twice"
    print(f"{len(found)} findings, {repeats} announcements repeated on the log")
    assert sum((await end_offsets(new.settings, ["dlq"])).values()) == 0, "dead letters"
