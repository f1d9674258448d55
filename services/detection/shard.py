"""Evaluating every subject of a schema once, in parallel processes by hash of the subject."""

import asyncio
import gc
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from zlib import crc32

from services.detection.evaluate import Evaluator
from services.detection.tables import INDEXES_ONLY
from services.platform.database import Connection, connect, prepare

_CHUNK = 1000

_WORTH_WHILE = 20_000
"""Facts from which on a process more is worth while: it begins with as much work as some thousands are."""

_SUBJECTS = """
select subject from fact where subject > $1 and subject < $2 group by subject order by subject limit $3
"""


def processes_for(facts: int) -> int:
    """Return in how many processes so many facts are best evaluated: one a core, if there are enough."""
    return max(1, min(os.cpu_count() or 1, facts // _WORTH_WHILE))


async def evaluate_all(url: str, search_path: str, evaluator: Evaluator, count: int) -> int:
    """Evaluate every subject that a rule lives on, in ``count`` processes; return how many subjects."""
    if count == 1:
        return await evaluate_shard(url, search_path, evaluator, 0, 1)
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn")) as pool:
        done = await asyncio.gather(
            *(
                loop.run_in_executor(pool, _run, url, search_path, evaluator, number, count)
                for number in range(count)
            )
        )
    return sum(done)


def _run(url: str, search_path: str, evaluator: Evaluator, number: int, count: int) -> int:
    gc.disable()  # for as long as this process lives: it makes many objects and no cycles
    return asyncio.run(evaluate_shard(url, search_path, evaluator, number, count))


async def evaluate_shard(url: str, search_path: str, evaluator: Evaluator, number: int, count: int) -> int:
    """Evaluate the subjects of one shard, in chunks; return how many."""
    connection = await connect(url, server_settings={"search_path": search_path, **INDEXES_ONLY})
    try:
        await prepare(connection)
        done = 0
        for kind in sorted(evaluator.rules.of_subject):
            cursor, end = f"{kind}:", f"{kind};"
            while subjects := await _next(connection, cursor, end):
                cursor = subjects[-1]
                mine = [name for name in subjects if crc32(name.encode()) % count == number]
                async with connection.transaction():
                    await evaluator.evaluate(connection, [(name, "", "replay") for name in mine])
                done += len(mine)
        return done
    finally:
        await connection.close()


async def _next(connection: Connection, cursor: str, end: str) -> list[str]:
    rows = await connection.fetch(_SUBJECTS, cursor, end, _CHUNK)
    return [row["subject"] for row in rows]
