"""Processes that outlive the one that started them: start, recognise, stop, leave nothing behind."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from deploy.local.errors import StackError
from deploy.local.headway import Headway
from deploy.local.inheritance import handed_on

TELL_SECONDS = 3.0
"""How often it is told that something is waited for."""

# A child that ends stays a zombie until it is waited for, so children are kept; other processes that
# stop the same stack know it by pid and start time only.
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Account:
    """The user that a process runs as, when not as our own."""

    user: int
    group: int


@dataclass(frozen=True)
class ProcessRecord:
    """A process that we started, as the state file keeps it.

    started: seconds since the epoch; uptime: the same moment as seconds since the machine started, which no
    change of the clock moves. Together with the pid they tell our process from a later one of the same pid.
    environment: what was added to the environment of the starter; may hold secrets.
    settings: the digest of each setting that it inherited of the starter (inheritance.py); None where that is
    not known, as of one that an earlier version started.
    falls: how often it was started again since a person started it, because it had died.
    code: the places in the checkout of the code that it runs, and fingerprint: their digest when it began.
    """

    name: str
    pid: int
    started: float
    uptime: float
    log: str
    command: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict, repr=False)
    falls: int = 0
    code: tuple[str, ...] = ()
    fingerprint: str = ""
    settings: dict[str, str] | None = None


@dataclass(frozen=True)
class ProcessStatus:
    """One line of `dibao status`. memory is in bytes, of the process and its children.

    frozen: whether a signal has stopped it (SIGSTOP), so that it does nothing before SIGCONT.
    """

    name: str
    pid: int
    running: bool
    log: str
    started: float
    memory: int
    falls: int
    frozen: bool = False


def wait_until_ready(
    record: ProcessRecord, is_ready: Callable[[], bool], tell: Callable[[str], None], patience: float
) -> bool:
    """Waits for a server for as long as it gets on; whether it is ready then.

    False where it ended, or did nothing for `patience` seconds. `tell` is told every few seconds that it is
    waited for, with the last line of its log.
    """
    headway, began = Headway(_ours(record)), time.monotonic()
    told = began
    while not is_ready():
        if not is_running(record) or headway.idle_seconds() > patience:
            return False
        now = time.monotonic()
        if now - told >= TELL_SECONDS:
            told = now
            last = tail(record.log, 1)
            tell(f"  {record.name} is not ready after {now - began:.0f} s: {last[-160:]}")
        time.sleep(0.05)
    return True


def start(
    name: str,
    command: Sequence[str],
    log: Path,
    environment: Mapping[str, str] | None = None,
    account: Account | None = None,
    folder: Path | None = None,
    output: Path | None = None,
) -> ProcessRecord:
    """Starts a process in a session of its own, its output appended to the log file.

    With `output` it writes the log itself, and what it prints goes there. Ctrl-C at the terminal does not
    reach it. Raises StackError when the program cannot be started.
    """
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    extra = dict(environment or {})
    try:
        with os.fdopen(_private(output or log), "ab") as printed:
            child = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                env={**handed_on(command[0] == sys.executable), **extra},
                umask=0o077,
                cwd=folder,
                start_new_session=True,
                user=None if account is None else account.user,
                group=None if account is None else account.group,
                extra_groups=None if account is None else [],
            )
    except OSError as problem:
        raise StackError(f"{name} cannot be started: {problem}.") from problem
    reap()
    _children[child.pid] = child
    try:
        started = float(psutil.Process(child.pid).create_time())
    except psutil.NoSuchProcess:
        started = time.time()
    return ProcessRecord(
        name, child.pid, started, started - psutil.boot_time(), str(log), tuple(command), extra
    )


def _private(file: Path) -> int:
    return os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def is_running(record: ProcessRecord) -> bool:
    """Whether the very process that was started still runs (not another one that got its pid)."""
    return _ours(record) is not None


def headway(record: ProcessRecord) -> Headway:
    """What notices whether the process gets on."""
    return Headway(_ours(record))


def inherited(record: ProcessRecord) -> dict[str, str] | None:
    """The environment of a process that runs, without what it was given; None where that cannot be read."""
    process = _ours(record)
    try:
        found = {} if process is None else process.environ()
    except psutil.Error:
        return None
    return {name: value for name, value in found.items() if name not in record.environment} or None


def status(record: ProcessRecord) -> ProcessStatus:
    """What is to be said of a process now."""
    process = _ours(record)
    memory, frozen = 0, False
    if process is not None:
        with contextlib.suppress(psutil.Error):
            frozen = process.status() == psutil.STATUS_STOPPED
        for member in [process, *_descendants(process)]:
            try:
                memory += int(member.memory_info().rss)
            except psutil.Error:
                continue
    return ProcessStatus(
        record.name, record.pid, process is not None, record.log, record.started, memory, record.falls, frozen
    )


def stop(
    records: Iterable[ProcessRecord],
    timeout: float = 20.0,
    first: signal.Signals = signal.SIGTERM,
    *,
    while_busy: bool = False,
) -> list[str]:
    """Asks all of them to end at once, waits at most `timeout` seconds, and kills what is left.

    `while_busy` waits longer for what still gets on, as a server that writes its memory to the disk. The
    children of each end as well. Returns the names of those that had to be killed.
    """
    asked: list[tuple[ProcessRecord, list[psutil.Process], Headway]] = []
    for record in records:
        process = _ours(record)
        if process is None:
            reap()
            continue
        asked.append((record, _descendants(process), Headway(_ours(record))))
        _signal(process, first)
    killed: list[str] = []
    deadline = time.monotonic() + timeout
    for record, descendants, headway in asked:
        gone = _wait(record, deadline)
        while not gone and while_busy and headway.idle_seconds() < timeout:
            gone = _wait(record, time.monotonic() + 1)
        if not gone:
            killed.append(record.name)
            kill(record)
        for descendant in descendants:
            _signal(descendant, signal.SIGKILL)
    return killed


def hang_up(record: ProcessRecord) -> None:
    """Tells a process to read its settings anew."""
    process = _ours(record)
    if process is not None:
        _signal(process, signal.SIGHUP)


def kill(record: ProcessRecord) -> None:
    """Kills the process and its children with SIGKILL, and waits until they are gone."""
    process = _ours(record)
    if process is None:
        reap()
        return
    descendants = _descendants(process)
    _signal(process, signal.SIGKILL)
    for descendant in descendants:
        _signal(descendant, signal.SIGKILL)
    _wait(record, time.monotonic() + 20)
    psutil.wait_procs(descendants, timeout=20)


def reap() -> list[int]:
    """Buries the children that have ended, whoever ended them; returns the pids of those that run."""
    for pid, child in tuple(_children.items()):
        if child.poll() is not None:
            _children.pop(pid, None)  # another thread may have been here
    return list(_children)


def with_argument(arguments: Collection[str]) -> list[int]:
    """The pids of running processes that have exactly one of these command line arguments.

    Finds servers of a stack whose state file is lost.
    """
    wanted = set(arguments)
    pids: list[int] = []
    for process in psutil.process_iter():
        try:
            if not wanted.isdisjoint(process.cmdline()):
                pids.append(process.pid)
        except psutil.Error:
            continue
    return pids


def end(pids: Iterable[int], timeout: float = 20.0) -> None:
    """Ends processes known by pid only: SIGTERM, then after `timeout` seconds SIGKILL."""
    found: list[psutil.Process] = []
    for pid in pids:
        try:
            process = psutil.Process(pid)
        except psutil.NoSuchProcess:
            continue
        found += [process, *_descendants(process)]
        _signal(process, signal.SIGTERM)
    _, alive = psutil.wait_procs(found, timeout=timeout)
    for process in alive:
        _signal(process, signal.SIGKILL)
    psutil.wait_procs(alive, timeout=timeout)


def tail(log: str | Path, lines: int = 12) -> str:
    """The last lines of a log file, for an error message; empty when there is none."""
    path = Path(log)
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 20_000))
        return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-lines:])


def _ours(record: ProcessRecord) -> psutil.Process | None:
    child = _children.get(record.pid)
    if child is not None and child.poll() is not None:
        return None
    try:
        process = psutil.Process(record.pid)
        # Java's first thread ends before the others, which still hold the ports and the data: only a
        # zombie without other threads is dead. One that is our own child would have been told by poll().
        if child is None and process.status() == psutil.STATUS_ZOMBIE and process.num_threads() <= 1:
            return None
        started = float(process.create_time())
    except psutil.NoSuchProcess:
        return None
    # The kernel rounds the moment of its start anew each time, hence the seconds. The clock may have been set
    # since, hence the hour; a restart of the machine moves it by more.
    same = abs(started - psutil.boot_time() - record.uptime) < 3 and abs(started - record.started) < 3600
    return process if same else None


def _descendants(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children(recursive=True))
    except psutil.Error:
        return []


def _signal(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.NoSuchProcess:
        return


def _wait(record: ProcessRecord, deadline: float) -> bool:
    while time.monotonic() < deadline:
        if _ours(record) is None:
            reap()
            return True
        time.sleep(0.02)
    return False
