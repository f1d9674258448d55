"""An intake that listens on a port, and programs that are not ours, which hand over to it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from deploy.contexts import DECLARATIONS
from services.intake.service import serve_contexts
from services.platform.settings import Settings


@asynccontextmanager
async def served(settings: Settings, *contexts: str) -> AsyncIterator[str]:
    """Serve contexts; give the address."""
    stop = asyncio.Event()
    declared = [DECLARATIONS[context] for context in contexts]
    serving = asyncio.ensure_future(serve_contexts(declared, settings, stop))
    address = f"http://127.0.0.1:{settings.port}"
    try:
        async with httpx.AsyncClient() as http, asyncio.timeout(60):
            while True:
                try:
                    await http.get(f"{address}/health")
                    break
                except httpx.TransportError:
                    assert not serving.done()
                    await asyncio.sleep(0.05)
        yield address
    finally:
        stop.set()
        async with asyncio.timeout(30):
            await serving


async def run(*command: str, folder: Path, given: bytes = b"") -> tuple[int, str]:
    """Run a program and return its exit code and all that it printed."""
    found = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={**os.environ, "PATH": found, "NO_COLOR": "1", "COLUMNS": "160"},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate(given)
    return process.returncode or 0, said.decode("utf-8", "replace")
