"""What may befall a deployment in a cycle of the long crash test, as a deck of cards that a seed shuffles."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from deploy.local.stack import SERVERS
from events.catalogue import UPSTREAM_CONTEXTS, log_topic
from events.envelope import event_id_of
from services.platform.authorship import LogKeys
from services.platform.producer import close_producer, open_producer
from tests.chaos.proxy import Committed, Mode, Posted, Produced, Strike
from tests.chaos.publisher import Delivery
from tests.chaos.scene import WORKERS, Scene, Worker, called, until

PIPELINES = frozenset({"detection-a", "detection-b", "projector"})
"""What reads the facts, and stops at one that it cannot read."""

ALL = frozenset({*(called(worker) for worker in WORKERS), *SERVERS, "operator"})

_HOUR, _MINUTE = 3600, 60
_ROLES = ("detection", "projector", "intake", "alerting")
_LINES = ("kafka", "postgres", "http")
_MODES = (Mode.LATE, Mode.CUT, Mode.LOST, Mode.HALF_OPEN)
CLOCKED = ("payments", "registers", "closer", "detection-a", "projector", "alerting", "journal", "postgres")
"""Not Kafka's: what steps a clock makes Java four times as slow."""


@dataclass(frozen=True, slots=True)
class Card:
    """One thing that befalls. ``touches``: what nothing else may befall at that time.

    ``may_end``: processes that may end by themselves, and say why; ``happen`` returns what is to be told.
    """

    kind: str
    name: str
    touches: frozenset[str]
    happen: Callable[[Scene], Awaitable[str | None]]
    may_end: frozenset[str] = frozenset()


def deck() -> list[Card]:
    """Every card once."""
    return [
        *(_killed(worker) for worker in WORKERS),
        *(_server_killed(server) for server in SERVERS),
        *(_frozen(called(worker)) for worker in WORKERS),
        *(_frozen(server) for server in SERVERS),
        *(_failing(line, mode) for line in _LINES for mode in _MODES),
        *(_half_closed(line, end) for line in _LINES for end in (0, 1)),
        _reset(),
        *(_struck("postgres", f"a COMMIT of {role}", _commit(role)) for role in _ROLES),
        _struck("kafka", "a Produce to the log", _log),
        _struck("kafka", "a Produce to an intake topic", lambda prefix: Produced(f"{prefix}.intake.")),
        _struck("kafka", "a Produce to the anomalies", lambda prefix: Produced(f"{prefix}.anomalies")),
        _struck("http", "a POST", lambda prefix: Posted()),
        *(_full(disk) for disk in (*SERVERS, "journal") for _ in range(2)),
        *(_clock(process) for process in CLOCKED),
        *(_poison(number) for number in range(2)),
        *(_forged(number) for number in range(2)),
        *(_rebuilt(what, killed) for what in ("detection", "projection") for killed in (False, True)),
        *(_sweep() for _ in range(4)),
        *(_tried(killed) for killed in (False, True)),
    ]


def dealt(chance: random.Random, kinds: Sequence[str] = ()) -> Iterator[list[Card]]:
    """Yield what befalls, a cycle after the other: every card once before any comes again."""
    cards: list[Card] = []
    while True:
        hand: list[Card] = []
        count = chance.choice((1, 2, 2, 3))
        passed: list[Card] = []
        while len(hand) < count:
            if not cards:
                cards = [card for card in deck() if not kinds or card.kind in kinds]
                chance.shuffle(cards)
                cards = [card for card in cards if card not in passed]
                if not cards:
                    break
            card = cards.pop()
            if any(card.touches & other.touches for other in hand):
                passed.append(card)
                if len(passed) > len(deck()):
                    break
            else:
                hand.append(card)
        cards += passed[::-1]
        yield hand


def _killed(worker: Worker) -> Card:
    async def happen(scene: Scene) -> None:
        await scene.kill(worker)

    return Card("kill", f"kill -9 {called(worker)}", frozenset({called(worker)}), happen)


def _server_killed(server: str) -> Card:
    async def happen(scene: Scene) -> None:
        await scene.kill_server(server)

    return Card("kill", f"kill -9 {server}", frozenset({server}), happen)


def _frozen(name: str) -> Card:
    async def happen(scene: Scene) -> str:
        return await scene.freeze(name)

    return Card("stop", f"SIGSTOP {name}", frozenset({name}), happen)


def _failing(line: str, mode: Mode) -> Card:
    async def happen(scene: Scene) -> str:
        seconds = scene.chance.uniform(2, 6)
        async with scene.lines.of(line).failing(mode):
            await asyncio.sleep(seconds)
        return f"{seconds:.0f} s"

    return Card("line", f"line to {line} {mode}", frozenset({f"line {line}"}), happen)


def _half_closed(line: str, end: int) -> Card:
    async def happen(scene: Scene) -> str:
        return f"{scene.lines.of(line).half_close(end)} connections"

    towards = ("clients", "the server")[end]
    return Card("line", f"line to {line} half-closed to {towards}", frozenset({f"line {line}"}), happen)


def _reset() -> Card:
    async def happen(scene: Scene) -> str:
        return f"{sum(line.reset() for line in scene.lines.all)} connections"

    return Card("line", "every connection reset", frozenset({f"line {line}" for line in _LINES}), happen)


def _struck(line: str, moment: str, strike: Callable[[str], Strike]) -> Card:
    async def happen(scene: Scene) -> str:
        made = strike(scene.deployment.settings.topic_prefix)
        return await scene.struck(scene.lines.of(line), made)

    return Card("reset", f"reset after {moment}", frozenset({f"strike {line}"}), happen)


def _commit(role: str) -> Callable[[str], Strike]:
    return lambda prefix: Committed(f"dibao_{role}", "INSERT 0 " if role == "intake" else "COMMIT")


def _log(prefix: str) -> Strike:
    return Produced(*(log_topic(prefix, context) for context in UPSTREAM_CONTEXTS))


def _full(disk: str) -> Card:
    async def happen(scene: Scene) -> str:
        return await scene.fill(disk)

    may_end = frozenset({"journal"}) if disk == "journal" else frozenset()
    return Card("disk", f"disk full below {disk}", frozenset({disk}), happen, may_end)


def _clock(process: str) -> Card:
    # Whoever is told by webhook refuses what was signed five minutes ago.
    most = 90 if process == "alerting" else _HOUR

    async def happen(scene: Scene) -> str:
        name = process if process in SERVERS else scene.deployment.process(process)
        return scene.step(name, most)

    return Card("clock", f"clock of {process}", frozenset({f"clock {process}"}), happen)


def _poison(number: int) -> Card:
    async def happen(scene: Scene) -> str:
        settings = scene.deployment.settings
        topic = log_topic(settings.topic_prefix, scene.chance.choice(("payments", "enrollment", "funds")))
        value, headers = b"{", [("ce_type", f"dibao.unheard.of.v{number}".encode())]
        headers.append(LogKeys.from_settings(settings).mac(topic, b"poison", value, headers))
        place = await _written(scene, topic, value, headers)
        scene.poisoned.append(place)

        async def stopped() -> bool:
            return "projector" in {called(worker) for worker in scene.ended()}

        await until("the projector to stop at what it cannot read", stopped, scene.patience)
        words = [place[0], str(place[1]), str(place[2])]
        await scene.command("quarantine", "propose", *words, "--reason", "a drill", "--by", "甲")
        await scene.command("quarantine", "confirm", *words, "--by", "乙")
        dead = await scene.heal()
        return f"{place[0]}/{place[1]}/{place[2]}, which {', '.join(map(called, dead))} stopped at"

    return Card("poison", "an unreadable record", ALL, happen, PIPELINES)


def _forged(number: int) -> Card:
    async def happen(scene: Scene) -> str:
        prefix = scene.deployment.settings.topic_prefix
        topic = log_topic(prefix, scene.chance.choice(("payments", "vitals", "policy")))
        forged = str(event_id_of("/nobody", f"forged-{number}-{scene.chance.random()}")).encode()
        headers = [("ce_id", forged), ("ce_type", b"dibao.payments.paid.v1")]
        if number % 2:
            headers.append(("dibao_mac", b"0" * 32))
        place = await _written(scene, topic, b"{}", headers)
        scene.forged.append(place)
        return f"{place[0]}/{place[1]}/{place[2]}"

    return Card("poison", "a forged record", frozenset({"kafka"}), happen)


async def _written(
    scene: Scene, topic: str, value: bytes, headers: list[tuple[str, bytes]]
) -> tuple[str, int, int]:
    """Write past intake, where nothing stands before Kafka."""
    producer = await open_producer(scene.deployment.settings)
    try:
        sent = await producer.send_and_wait(topic, value, b"poison", headers=headers, partition=0)
    finally:
        await close_producer(producer)
    return sent.topic, sent.partition, sent.offset


def _rebuilt(what: str, killed: bool) -> Card:
    async def happen(scene: Scene) -> str:
        printed = await scene.command("rebuild", what, killed=killed)
        return " ".join(printed.split()).partition(":")[0]

    how = ", the first one killed" if killed else ""
    return Card("beside", f"rebuild of {what}{how}", frozenset({"operator"}), happen)


def _sweep() -> Card:
    async def happen(scene: Scene) -> str:
        fact = dict(scene.policies.pop())
        await scene.publisher.hand_over_now(Delivery("policy", (fact,)))
        said = fact["data"]
        return f"{said['parameter']} {said['value']} from {said['from']}"

    return Card("beside", "a sweep of policy", frozenset({"policy fact"}), happen)


def _tried(killed: bool) -> Card:
    async def happen(scene: Scene) -> str:
        draft = Path(scene.deployment.stack.root) / "draft.ndjson"
        data = {"parameter": "large_payment.multiple", "value": 1.5, "from": "2020-03-01"}
        draft.write_bytes(orjson.dumps(data | {"document": "草案〔2020〕1号"}) + b"\n")
        printed = await scene.command("backtest", "--policy", str(draft), killed=killed)
        return " ".join(printed.split())[-90:]

    how = ", the first one killed" if killed else ""
    return Card("beside", f"backtest{how}", frozenset({"operator"}), happen)
