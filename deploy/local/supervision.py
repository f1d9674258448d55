"""The supervisor: a small process that starts again what died of a stack, until the stack is stopped.

It is kept in the state file as the other processes are, so `dibao status` shows it, and `dibao down` ends it
first.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from deploy import program
from deploy.local import processes, stack
from deploy.local.errors import StackError
from deploy.local.inheritance import digests
from deploy.local.machine import Say
from deploy.local.processes import ProcessRecord
from deploy.local.settings import StackSettings

NAME = "supervisor"
_MODULE = "deploy.local.supervision"

CODE = ("deploy/local", "deploy/program.py")
"""Where its own code stands."""

_LOOK_SECONDS = 1.0
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
_GOOD_SECONDS = 60.0
"""After so long a time a process that was started again has its falls forgiven: the next pause is short."""


@dataclass
class _Fall:
    """When a process may be started again, and how long the pause after that would be."""

    due: float
    pause: float
    begun: float = 0.0


def command_of(root: Path) -> list[str]:
    """Return the command line of the supervisor of the stack in that folder."""
    return program.command(_MODULE, str(root))


class _Inherited:
    """What each process inherited when it was started, read of it while it lives.

    It is started again with the same, and not with what the supervisor has: whoever restarts one by name has
    an environment of their own.
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[ProcessRecord, Mapping[str, str]]] = {}

    def note(self, root: Path, record: ProcessRecord) -> None:
        """Remember that of a process that runs, where it is not known yet."""
        if record.settings is None or self._of(record) is not None:
            return
        found = processes.inherited(record)
        # For a moment after its start a process still shows the environment of its starter.
        if found is not None and digests(root, record.environment, found) == record.settings:
            self._known[record.name] = record, found

    def environment(self, record: ProcessRecord) -> dict[str, str]:
        """The environment to start it again in; our own where that of the process is not known."""
        found = self._of(record)
        if found is None:
            return dict(os.environ)
        # What it was given does not say of whose servers the stack is; what we inherited does.
        ours = {name: value for name, value in os.environ.items() if name in record.environment}
        return {**found, **ours}

    def _of(self, record: ProcessRecord) -> Mapping[str, str] | None:
        known, found = self._known.get(record.name, (None, None))
        return found if known == record else None


def supervise(settings: StackSettings, stop: threading.Event, say: Say, *, only: bool = False) -> None:
    """Start servers and services of a stack again when they have died, each after a pause that grows.

    Returns at `stop`, and when the stack was stopped; with `only`, also where the state names another
    supervisor. What a person has stopped is left alone.
    """
    falls: dict[str, _Fall] = {}
    inherited = _Inherited()
    while not stop.wait(_LOOK_SECONDS):
        kept = stack.state_of(settings)
        if kept is None or not kept.kafka:
            return
        other = kept.processes.get(NAME)
        if only and other is not None and other.pid != os.getpid() and processes.is_running(other):
            return
        # Servers stand first in the state: services need them.
        for name, record in kept.processes.items():
            if name == NAME or stop.is_set():
                continue
            if processes.is_running(record):
                inherited.note(settings.root, record)
                fall = falls.get(name)
                if fall is not None and time.monotonic() - fall.begun > _GOOD_SECONDS:
                    del falls[name]
            else:
                _mend(settings, name, falls, say, inherited.environment(record))


def _mend(
    settings: StackSettings,
    name: str,
    falls: dict[str, _Fall],
    say: Say,
    environment: Mapping[str, str],
) -> None:
    now = time.monotonic()
    fall = falls.setdefault(name, _Fall(now, _FIRST_PAUSE))
    if now < fall.due:
        return
    fall.due = now + fall.pause
    fall.pause = min(fall.pause * 2, _LONGEST_PAUSE)
    # In a process of its own, so that what is started is no child of the supervisor, and does not end with
    # it.
    answer = subprocess.run(
        [*command_of(settings.root), name],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env=environment,
        check=False,
    )
    fall.begun = time.monotonic()
    if said := answer.stdout.strip():
        say(said)


def _revive(settings: StackSettings, name: str) -> None:
    try:
        revived = stack.attach(settings).revive(name)
    except StackError as error:
        print(f"{name} ended, and cannot be started again now: {error}")
    else:
        if revived is not None:
            print(f"{name} ended, and was started again (pid {revived.pid}); its log: {revived.log}")


def main() -> None:
    """Supervise the stack in a folder until SIGTERM, or start one process of it again: ``ROOT [NAME]``."""
    settings = replace(StackSettings.from_environment(), root=Path(sys.argv[1]))
    if len(sys.argv) > 2:
        _revive(settings, sys.argv[2])
        return
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    def say(sentence: str) -> None:
        print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {sentence}", flush=True)

    supervise(settings, stop, say, only=True)


if __name__ == "__main__":
    main()
