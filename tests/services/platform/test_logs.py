"""Logs: a state is said once, and a file does not grow for ever."""

import logging
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import pytest

from services.platform import logs, tracing
from services.platform.limits import LOG_BYTES
from tests.tracing.recording import recorded

SAY = """
import logging
from services.platform import logs
logs.begin("INFO")
for number in range({lines}):
    logging.getLogger("service").warning("waits for Kafka, %s %s", number if {each} else 0, "x" * 1000)
"""


def said(path: Path, lines: int, *, each: bool) -> str:
    """What a process that says so much has left in its log."""
    with path.open("ab") as log:
        script = SAY.format(lines=lines, each=each)
        subprocess.run([sys.executable, "-c", script], stderr=log, check=True)
    return path.read_text(encoding="utf-8")


def test_a_server_that_is_waited_for_is_named_once(tmp_path: Path) -> None:
    assert said(tmp_path / "payments.log", 1000, each=False).count("waits for Kafka") == 1


def test_a_log_is_begun_anew_at_its_size_and_the_one_before_it_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "payments.log"
    path.write_bytes(b"y" * LOG_BYTES)
    found = said(path, 10, each=True)
    assert found.count("waits for Kafka") == 10
    assert len(found) < 20_000
    assert (tmp_path / "payments.log.1").stat().st_size == LOG_BYTES


def test_the_same_words_come_again_after_a_while_with_how_often_they_were_left_out() -> None:
    once = logs.Once(seconds=0.2)

    def heard(words: str) -> str | None:
        record = logging.LogRecord("service", logging.WARNING, "", 0, words, (), None)
        return record.getMessage() if once.filter(record) else None

    assert [heard("waits"), heard("waits"), heard("other"), heard("waits")] == ["waits", None, "other", None]
    once._said["service", "waits"] = (once._said["service", "waits"][0] - 1, 2)
    assert heard("waits") == "waits (and 2 times more since)"
    assert heard("waits") is None


def test_as_json_it_is_an_object_a_line_with_the_trace_that_it_belongs_to() -> None:
    formatter = logs.Objects()

    def said(error: BaseException | None = None) -> dict[str, str]:
        about = None if error is None else (type(error), error, error.__traceback__)
        record = logging.LogRecord("service", logging.WARNING, "", 0, "%d rows\n无", (3,), about)
        line = formatter.format(record)
        assert "\n" not in line
        found: dict[str, str] = orjson.loads(line)
        return found

    plain = said()
    assert (plain["level"], plain["logger"], plain["message"]) == ("WARNING", "service", "3 rows\n无")
    assert datetime.fromisoformat(plain["time"]).utcoffset() == timedelta(0)
    assert "trace_id" not in plain and "error" not in plain
    assert said(ValueError("no"))["error"].endswith("ValueError: no")
    with recorded(), tracing.request("request", None) as asked:
        assert asked.context is not None
        assert f"00-{said()['trace_id']}-{said()['span_id']}-01" == asked.context
