"""What the figures were measured on."""

import os
import platform
import subprocess
from pathlib import Path
from typing import Any

import asyncpg
import psutil

from deploy.local import Stack, jars
from deploy.local.settings import CHECKOUT


async def machine_facts(stack: Stack) -> dict[str, Any]:
    """Return cores, memory and versions. The load is that of the minute before: others may be at work."""
    connection = await asyncpg.connect(stack.database_url)
    try:
        postgres = await connection.fetchval("SHOW server_version")
        fsync = await connection.fetchval("SHOW fsync")
    finally:
        await connection.close()
    return {
        "cores": psutil.cpu_count(),
        "processor": _processor(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "load_before": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "kafka": jars.version(),
        "postgresql": postgres.split()[0],
        "fsync": fsync,
        "revision": _revision(),
    }


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    if file.exists():
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _revision() -> str:
    """Return the commit that was measured, if this is a checkout."""
    try:
        answer = subprocess.run(
            ["git", "describe", "--always", "--dirty"],
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return ""
    return answer.stdout.strip()
