"""A schedule from beginning to end: work and faults, and then a time in which nothing fails any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from tests.simulation.choices import Choices, Drawn, shrunk, written
from tests.simulation.loop import NeverEndsError
from tests.simulation.world import Work, World, WrongError, inside

SETTLES_SECONDS = 60.0
"""Without faults all must be at rest by then: longer than anything waits (a session, a lock)."""

_PAUSES = (0.0, 0.01, 0.1, 0.5, 2.0, 7.0, 12.0)
_FUSES = (0, 3, 10, 40, 150)
_CLOCKS = (0.0, 5.0, -5.0, 3600.0, -3600.0)


Act = Callable[[Any, str], Coroutine[Any, Any, None]]
"""What may go wrong, of a scenario and maybe of one of its workers."""


class Scenario:
    """Who works, on what, and what must hold. Made anew for every schedule."""

    name: ClassVar[str]
    topics: ClassVar[Mapping[str, int]]
    actions: ClassVar[int] = 14
    acts: ClassVar[Sequence[Act]]
    """What may go wrong in it."""

    def __init__(self, world: World) -> None:
        self.world = world

    def workers(self) -> Mapping[str, Work]:
        """Who works, by name."""
        raise NotImplementedError

    def write(self) -> None:
        """Let upstream state something more."""
        raise NotImplementedError

    def unsettled(self) -> str | None:
        """Why all is not at rest yet, or None."""
        raise NotImplementedError

    def check(self) -> None:
        """Check what must hold when all is at rest."""

    async def drive(self) -> None:
        """Run the schedule."""
        world, plan = self.world, self.world.plan
        workers = self.workers()
        names = list(workers)
        for name in names:
            world.start(name, workers[name])
        # Of each kind of fault a schedule has much, little or nothing.
        weights = [12, *(plan.weighted((3, 2, 2)) * 2 for _ in self.acts)]
        for _ in range(3 + plan.draw(self.actions)):
            act = plan.weighted(weights)
            if act == 0:
                self.write()
            else:
                await self.acts[act - 1](self, names[plan.draw(len(names))])
            await asyncio.sleep(_PAUSES[plan.draw(len(_PAUSES))])
            for name in names:
                if not world.alive(name) and not plan.once_in(3):
                    world.start(name, workers[name])
        world.say("no more faults")
        world.faults.cease()
        self.up()
        for process in world.workers.values():
            if process.frozen:
                process.frozen = False
            process.fuse = None
        self.write()
        for name in names:
            if not world.alive(name):
                world.start(name, workers[name])
        until = world.loop.time() + SETTLES_SECONDS
        while (reason := self.unsettled()) is not None:
            for name in names:
                if not world.alive(name):
                    world.start(name, workers[name])
            if world.loop.time() > until:
                world.wrong(f"it does not settle: {reason}")
            await asyncio.sleep(0.5)
        self.check()

    def up(self) -> None:
        """Let the servers be there."""
        if not self.world.postgres.is_up:
            self.world.postgres.come()
        if not self.world.kafka.is_up:
            self.world.kafka.come()

    async def kill(self, name: str) -> None:
        """Kill a worker, at some await of it."""
        if self.world.alive(name):
            self.world.kill(name, _FUSES[self.world.plan.draw(len(_FUSES))])

    async def stop(self, name: str) -> None:
        """Tell a worker to end."""
        stop = self.world.stops.get(name)
        if self.world.alive(name) and stop is not None:
            self.world.say(f"{name} is told to stop")
            stop.set()

    async def freeze(self, name: str) -> None:
        """Let a worker stand still, or go on that stood."""
        process = self.world.workers[name]
        if process.alive:
            self.world.say(f"{process.name} {'goes on' if process.frozen else 'stands still'}")
            if process.frozen:
                process.frozen = False
            else:
                process.freeze()

    async def without_postgres(self, name: str) -> None:
        """Let PostgreSQL die, or come back."""
        postgres = self.world.postgres
        self.world.say(f"PostgreSQL {'dies' if postgres.is_up else 'comes back'}")
        if postgres.is_up:
            postgres.go()
        else:
            postgres.come()

    async def without_kafka(self, name: str) -> None:
        """Let Kafka go away, or come back."""
        kafka = self.world.kafka
        self.world.say(f"Kafka {'goes' if kafka.is_up else 'comes back'}")
        if kafka.is_up:
            kafka.go()
        else:
            kafka.come()

    async def rebalance(self, name: str) -> None:
        """Let the groups rebalance for no reason."""
        self.world.say("the groups rebalance")
        for group in self.world.kafka.groups.values():
            if group.members:
                group.move()

    async def set_clock(self, name: str) -> None:
        """Set the clock of a worker."""
        process = self.world.workers[name]
        process.clock = _CLOCKS[self.world.plan.draw(len(_CLOCKS))]
        self.world.say(f"the clock of {process.name} is {process.clock:g} s wrong")


Scenario.acts = (
    Scenario.kill,
    Scenario.stop,
    Scenario.freeze,
    Scenario.without_postgres,
    Scenario.without_kafka,
    Scenario.rebalance,
    Scenario.set_clock,
)

Make = type[Scenario]


@dataclass(frozen=True, slots=True)
class Failure:
    """A schedule that breaks a promise: how, the choices that lead there, and what happened."""

    what: str
    drawn: Drawn
    told: Sequence[str]

    def __str__(self) -> str:
        return "\n".join([self.what, *self.told, f"choices: {written(self.drawn)}"])

    @property
    def kind(self) -> str:
        """What is equal before and after it was shrunk."""
        words = self.what.split()
        return " ".join(word for word in words if word.isalpha())


def run(make: Make, plan: Choices, chance: Choices) -> tuple[World, Failure | None]:
    """Run a schedule; return its world, and how it failed."""
    world = World(plan, chance, make.topics)
    with inside(world):
        try:
            world.loop.run(make(world).drive())
        except (WrongError, NeverEndsError) as error:
            return world, Failure(f"{type(error).__name__}: {error}", world.drawn, world.told)
    return world, None


def of_seed(make: Make, seed: int) -> tuple[World, Failure | None]:
    """Run the schedule of a seed."""
    return run(make, Choices(f"plan {seed}"), Choices(f"chance {seed}"))


def of_choices(make: Make, drawn: Drawn) -> tuple[World, Failure | None]:
    """Run a schedule again."""
    return run(make, Choices(replay=drawn[0]), Choices(replay=drawn[1]))


def smallest(make: Make, failure: Failure, *, seconds: float = 20.0) -> Failure:
    """Return the calmest schedule found that fails in the same way."""
    best = failure

    def fails(drawn: Drawn) -> bool:
        nonlocal best
        _, found = of_choices(make, drawn)
        if found is None or found.kind != failure.kind:
            return False
        best = Failure(found.what, drawn, found.told)
        return True

    shrunk(failure.drawn, fails, seconds=seconds)
    return best
