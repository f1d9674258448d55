"""Servers for tests: one throw-away Kafka and PostgreSQL a session, an empty database a test.

A worker of pytest-xdist (`make test`) is a session of its own, with its own servers.
"""

import asyncio
import fcntl
import gc
import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import psutil
import pytest
from xdist.remote import Producer

from deploy.local import Stack, StackError, StackSettings, down, processes, up
from deploy.migrations.upgrade import upgrade_database
from services.platform.authorship import LogKeys
from tests.scheduling import Announcing, TwoEnds, in_order, is_quick

_PREFIX = "dibao-test-"
_CLUSTER_SECONDS = 1200
# What is written to the disk when is tried in tests of that alone: PostgreSQL's fsync is off here as well.
os.environ["DIBAO_FLUSH"] = "false"
# A Kafka of tests lives for minutes at most: it is not worth while to compile it well.
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> TwoEnds:
    """How the tests are shared out, where there are several workers."""
    reporter = config.pluginmanager.getplugin("terminalreporter")
    config.pluginmanager.register(Announcing(reporter))
    return TwoEnds(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what the crash test has measured (``tests/chaos``), also where all is well."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, said in getattr(report, "user_properties", ()):
                if name == "chaos" and report.when == "call":
                    terminalreporter.line(f"{report.nodeid.split('::')[0]}, {said}")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let it be asked for the quick tests alone."""
    parser.addoption("--quick", action="store_true", help="only what computes, in about a minute")
    parser.addoption(
        "--cluster", action="store_true", help="on three Kafka processes and a PostgreSQL with a replica"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Which tests run, and in which order."""
    if config.option.quick:
        config.hook.pytest_deselected(items=[item for item in items if not is_quick(item)])
        items[:] = filter(is_quick, items)
    if config.option.cluster:
        for item in items:
            # Five servers share the machine: whoever has a time of his own gets more of it.
            item.add_marker(pytest.mark.timeout(_CLUSTER_SECONDS), append=False)
    items[:] = in_order(items)


def pytest_collection_finish() -> None:
    """Let what is loaded by now be: it stays, and to look through it again and again costs the tests time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session", autouse=True)
def nothing_left_running(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests end what they start; the last one of a session errs where one did not.

    Quick ones start nothing: whoever tries to is told so.
    """
    with pytest.MonkeyPatch.context() as patch:
        if request.config.option.quick:
            patch.setattr(processes, "start", _refuse)
        yield
    left = [psutil.Process(pid).cmdline() for pid in processes.reap()]
    assert not left, f"still running: {left}"


def _refuse(name: str, *_: object, **__: object) -> NoReturn:
    pytest.fail(f"A quick test starts no server, and this one wants {name}: see LONG in tests/scheduling.py.")


@pytest.fixture(scope="session", autouse=True)
def log_key(nothing_left_running: None) -> Iterator[Path]:
    """The log key of every deployment of these tests, whose settings name no other."""
    with tempfile.TemporaryDirectory(prefix="dibao-log-key-") as folder:
        file = Path(folder) / "log.key"
        LogKeys.create(file)
        os.environ["DIBAO_LOG_KEY_FILE"] = str(file)
        yield file
        del os.environ["DIBAO_LOG_KEY_FILE"]


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest, nothing_left_running: None) -> Iterator[Stack]:
    """A real Kafka (`stack.kafka`) and PostgreSQL (`stack.database_url`), deleted after the session.

    With `--cluster`, three and two of them: topics have three copies then. Errors, and never skips, when they
    cannot be started.
    """
    _sweep()
    # Not below pytest's own folders: those are closed to the user that PostgreSQL runs as under root.
    root = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    root.chmod(0o755)
    settings = StackSettings(root=root, fsync=False, shared_buffers="256MB")
    if request.config.option.cluster:
        settings = replace(settings, brokers=3, replica=True, kafka_heap="512m")
        os.environ["DIBAO_REPLICATION"] = "3"
    try:
        yield up(settings, say=print)
    finally:
        down(settings, purge=True)
        shutil.rmtree(root)


def _sweep() -> None:
    """Ends the stacks of test sessions that were killed before they could do it themselves."""
    folder = Path(tempfile.gettempdir())
    with (folder / f"dibao-sweep-{os.geteuid()}").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # workers begin at the same time
        for root in folder.glob(f"{_PREFIX}*"):
            pid = root.name.removeprefix(_PREFIX).split("-")[0]
            if root.stat().st_uid == os.geteuid() and not psutil.pid_exists(int(pid)):
                down(StackSettings(root=root), purge=True)
                shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def mortal(stack: Stack) -> Iterator[Stack]:
    """The session's servers for a test that kills them: whatever becomes of it, they serve again afterwards.

    So the test that fails is the only one that does.
    """
    yield stack
    try:
        up(stack.settings)
    except StackError:  # a machine that is busy for a minute and a half
        up(stack.settings)


@pytest.fixture
async def database(stack: Stack) -> AsyncIterator[str]:
    """The address of an empty database of this test's own, dropped afterwards."""
    async with made_database(stack) as address:
        yield address


@pytest.fixture(scope="session")
def migrated(stack: Stack) -> str:
    """The name of a database that is brought up to date once: others are copied from it."""
    return made_once(stack, upgrade_database)


@pytest.fixture
async def migrated_database(stack: Stack, migrated: str) -> AsyncIterator[str]:
    """The address of a database of this test's own, up to date, for its administrator; dropped afterwards."""
    async with made_database(stack, migrated) as address:
        yield address


@asynccontextmanager
async def made_database(stack: Stack, template: str = "template1") -> AsyncIterator[str]:
    """The address of an empty database, or of a copy of another one, dropped afterwards."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    await _administer(stack, f"CREATE DATABASE {name} TEMPLATE {template}")
    try:
        yield _address(stack, name)
    finally:
        await _administer(stack, f"DROP DATABASE {name} WITH (FORCE)")


def made_once(stack: Stack, prepare: Callable[[str], Awaitable[object]], template: str = "template1") -> str:
    """The name of a database that is prepared once a session, for ``made_database`` to copy.

    A copy costs a fraction of what making its tables and views does. ``prepare`` is given the address, and
    leaves nobody connected.
    """

    async def make() -> str:
        name = f"once_{uuid.uuid4().hex[:12]}"
        await _administer(stack, f"CREATE DATABASE {name} TEMPLATE {template}")
        await prepare(_address(stack, name))
        return name

    with ThreadPoolExecutor(1) as thread:  # beside a loop that runs already
        return thread.submit(asyncio.run, make()).result()


def _address(stack: Stack, name: str) -> str:
    return urlunsplit(urlsplit(stack.database_url)._replace(path=f"/{name}"))


async def _administer(stack: Stack, statement: str) -> None:
    connection = await asyncpg.connect(stack.database_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
