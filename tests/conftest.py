"""Servers for tests: one throw-away Kafka and PostgreSQL a session, an empty database a test."""

import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import psutil
import pytest

from deploy.local import Stack, StackSettings, down, up

_PREFIX = "dibao-test-"


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """A real Kafka (`stack.kafka`) and PostgreSQL (`stack.database_url`), deleted after the session.

    Errors, and never skips, when they cannot be started.
    """
    _sweep()
    # Not below pytest's own folders: those are closed to the user that PostgreSQL runs as under root.
    root = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))
    root.chmod(0o755)
    settings = StackSettings(root=root, fsync=False, shared_buffers="256MB")
    try:
        yield up(settings, say=print)
    finally:
        down(settings, purge=True)
        shutil.rmtree(root)


def _sweep() -> None:
    """Ends the stacks of test sessions that were killed before they could do it themselves."""
    for root in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        pid = root.name.removeprefix(_PREFIX).split("-")[0]
        if root.stat().st_uid == os.geteuid() and not psutil.pid_exists(int(pid)):
            down(StackSettings(root=root), purge=True)
            shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
async def database(stack: Stack) -> AsyncIterator[str]:
    """The address of an empty database of this test's own, dropped afterwards."""
    async with made_database(stack) as address:
        yield address


@asynccontextmanager
async def made_database(stack: Stack) -> AsyncIterator[str]:
    """The address of an empty database, dropped afterwards."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    await _administer(stack, f"CREATE DATABASE {name}")
    try:
        yield urlunsplit(urlsplit(stack.database_url)._replace(path=f"/{name}"))
    finally:
        await _administer(stack, f"DROP DATABASE {name} WITH (FORCE)")


async def _administer(stack: Stack, statement: str) -> None:
    connection = await asyncpg.connect(stack.database_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
