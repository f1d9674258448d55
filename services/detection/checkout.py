"""The rules of another checkout, tried in a process of that checkout's code (``dibao backtest --code``).

Its detection may keep other fields of facts, so it prepares its own from the log, in a schema of its own,
and says what it finds as NDJSON. Run as ``python -m services.detection.checkout`` with a request on standard
input; that both checkouts have this module is what they have to agree on.
"""

import asyncio
import json
import os
import signal
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from services.detection.prepared import prepare
from services.detection.replay import facts_below
from services.detection.rules import ALL, rules_of
from services.detection.shard import processes_for
from services.detection.trying import Place, Row, Trial, evaluate, workers
from services.platform.database import connected
from services.platform.offsets import Place as Partition
from services.platform.settings import Settings

SCHEMA = "detection_backtest_code"

_MODULE = "services.detection.checkout"
_FORM = 2
"""The form of request and answer; raised with every change that the other side would have to know of."""

_LINE_BYTES = 2**24

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and of how much; 0 where that is not known."""


def quiet(doing: str, done: int, total: int) -> None:
    """Say nothing."""


class NotTriedError(Exception):
    """Nothing can be tried as it was asked; the message is a sentence for a person."""


@dataclass(frozen=True)
class Compared:
    """The rules that are compared, by name: only these, where some are named, but not those of ``but``."""

    only: Collection[str] | None = None
    but: Collection[str] = ()


@dataclass(frozen=True)
class Checkout:
    """The folder of a checkout. Raises NotTriedError where it cannot be run."""

    folder: Path

    def __post_init__(self) -> None:
        module = self.folder.joinpath(*_MODULE.split(".")).with_suffix(".py")
        if not module.is_file():
            raise NotTriedError(
                f"The code in {self.folder} cannot be run: it has no {_MODULE.replace('.', '/')}.py. Name "
                "the folder of a checkout of dibao that knows `dibao backtest --code`."
            )

    async def found(
        self,
        settings: Settings,
        ends: Mapping[Partition, int],
        closed: str | None,
        compared: Compared,
        processes: int,
        tell: Progress,
    ) -> AsyncGenerator[Row]:
        """Yield what its rules find in the log below ``ends``. Raises NotTriedError, with its last words."""
        request = {
            "form": _FORM,
            "ends": [[topic, partition, end] for (topic, partition), end in ends.items()],
            "closed": closed,
            "only": None if compared.only is None else list(compared.only),
            "but": list(compared.but),
            "processes": processes,
        }
        with tempfile.TemporaryFile() as said:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                _MODULE,
                cwd=self.folder,
                env=_environment(settings) | {"PYTHONPATH": str(self.folder.resolve())},
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=said,
                limit=_LINE_BYTES,
                # With processes of its own, which are ended with it.
                start_new_session=True,
            )
            assert process.stdin is not None and process.stdout is not None
            try:
                process.stdin.write(json.dumps(request).encode() + b"\n")
                process.stdin.close()
                ended = False
                async for line in process.stdout:
                    answer = json.loads(line)
                    match answer:
                        case {"doing": doing, "done": done, "total": total}:
                            tell(f"{self.folder.name}: {doing}", done, total)
                        case {"row": row}:
                            yield Row(*row)
                        case {"ended": True}:
                            ended = True
                if await process.wait() or not ended:
                    said.seek(0)
                    lines = said.read().decode(errors="replace").strip().splitlines()
                    last = lines[-1] if lines else "it ended without a word"
                    raise NotTriedError(f"The code in {self.folder} cannot be run: {last}")
            finally:
                if process.returncode is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    await process.wait()


def _environment(settings: Settings) -> dict[str, str]:
    """Return what the other process is told: our own environment, and where the servers and keys are."""
    given = settings.model_dump(mode="json", exclude_defaults=True)
    named = {f"DIBAO_{name.upper()}": _text(value) for name, value in given.items()}
    for name in ("master_key_file", "log_key_file"):
        named[f"DIBAO_{name.upper()}"] = str(Path(getattr(settings, name)).resolve())
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | named


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


async def _answer(request: Mapping[str, Any], say: Callable[[Mapping[str, Any]], None]) -> None:
    """Do what another checkout asks of this one."""
    settings = Settings()
    only, but = request["only"], request["but"]
    rules = rules_of(
        rule for rule in ALL.rules if (only is None or rule.name in only) and rule.name not in but
    )
    ends = {(topic, partition): end for topic, partition, end in request["ends"]}
    closed = None if request["closed"] is None else date.fromisoformat(request["closed"])

    def tell(doing: str, done: int, total: int) -> None:
        say({"doing": doing, "done": done, "total": total})

    async with connected(settings.database_url) as connection:
        await connection.execute(f"drop schema if exists {SCHEMA} cascade")
        try:
            await facts_below(
                settings, SCHEMA, ends, closed, lambda done, total: tell("reading the log", done, total)
            )
            await connection.execute(f"set search_path to {SCHEMA}")
            with tempfile.TemporaryDirectory(prefix="dibao-backtest-") as folder:
                file = Path(folder) / "facts.sqlite"
                async with connection.transaction():
                    await prepare(connection, file, rules.kinds)
                place = Place(file=file, url=settings.database_url, search_path=SCHEMA)
                subjects = 0
                with workers(request["processes"] or processes_for(sum(ends.values()))) as pool:
                    async for found in evaluate(place, [Trial()], rules, pool):
                        subjects += found.subjects
                        for _, row in found.rows:
                            say({"row": row})
                        tell("evaluating subjects", subjects, 0)
        finally:
            await connection.execute(f"drop schema if exists {SCHEMA} cascade")
    say({"ended": True})


def main() -> None:
    """Read a request, and answer it line by line."""
    request = json.loads(sys.stdin.readline())
    if request["form"] != _FORM:
        sys.exit(f"it answers requests of form {_FORM}, and was asked in form {request['form']}")

    def say(answer: Mapping[str, Any]) -> None:
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()

    asyncio.run(_answer(request, say))


if __name__ == "__main__":
    main()
