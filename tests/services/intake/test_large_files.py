"""A file of 100,000 rows: read row by row, in little memory, onto the log within a minute."""

import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from deploy.contexts import forms_of
from deploy.local import Stack, StackSettings, down, up
from services.intake.entries import Delivery
from services.intake.horizon import Horizon
from services.intake.sources import OPERATOR
from services.intake.tables import read_xlsx
from services.platform.protection import ReadableFact
from tests.deployment import Deployment
from tests.services.intake.large import write_payments
from tests.services.intake.stated import stated_by

SOURCE = "/bank/psbc/500102"


def read_all(path: Path) -> int:
    """Read a workbook of payments to its end; return how many facts it states."""
    delivery = Delivery(
        caller=OPERATOR,
        source=SOURCE,
        context="payments",
        horizon=Horizon.now(24),
        batch=None,
        correlation_id="receipt",
    )
    with path.open("rb") as file:
        table = read_xlsx(file, forms_of("payments"))
        facts = stated_by(table, delivery, b"key")
        return sum(isinstance(stated.fact, ReadableFact) for stated in facts)


def test_rows_are_read_one_by_one_and_none_is_kept(tmp_path: Path) -> None:
    peaks = []
    for rows in (200, 2000):
        write_payments(tmp_path / "payments.xlsx", rows)
        read_all(tmp_path / "payments.xlsx")  # what is made once is made
        tracemalloc.start()
        assert read_all(tmp_path / "payments.xlsx") == rows
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # What ten times the rows add is their shared texts.
    assert (peaks[1] - peaks[0]) / 1800 < 1500


@pytest.mark.parametrize("empty", ['<c r="{1}{0}" s="1"/>', '<c r="{1}{0}" s="1"></c>', ""])
def test_a_sheet_that_is_formatted_to_its_last_row_is_read_in_seconds(tmp_path: Path, empty: str) -> None:
    """Rows of empty cells never come to the parser: their time is that of unpacking them."""
    path, rows, last = tmp_path / "payments.xlsx", 100, 200_000
    write_payments(path, rows, more=formatted_rows(rows + 3, last, empty))
    began = time.process_time()
    assert read_all(path) == rows
    # A parser that sees them takes ten times as long.
    assert time.process_time() - began < 5


def formatted_rows(first: int, last: int, empty: str) -> Iterator[str]:
    """Rows without anything in them, as Excel keeps them where a column was formatted."""
    cells = "".join(empty.replace("{1}", letter) for letter in "ABCDEFGHIJK")
    for number in range(first, last + 1):
        yield f'<row r="{number}" spans="1:11" s="1" customFormat="1">{cells.format(number)}</row>'


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_a_hundred_thousand_rows_within_a_minute_and_300_megabytes(tmp_path: Path) -> None:
    """``.venv/bin/python -m pytest -m slow -s tests/services/intake/test_large_files.py``"""
    path, rows = tmp_path / "payments.xlsx", 100_000
    write_payments(path, rows)
    began, spent = time.monotonic(), time.process_time()
    assert read_all(path) == rows
    print(f"\nread alone: {time.monotonic() - began:.1f} s, {time.process_time() - spent:.1f} s of CPU")
    tmp_path.chmod(0o755)
    settings = StackSettings(root=tmp_path / "stack", fsync=True)
    try:
        stack: Stack = up(settings, say=print)
        deployment = Deployment(stack, tmp_path)
        await deployment.prepare()
        deployment.start("payments")
        await deployment.serving(["payments"])
        async with httpx.AsyncClient(timeout=300) as http:
            began = time.monotonic()
            answer = await http.post(
                f"{deployment.url('payments')}/files",
                params={"name": path.name, "source": SOURCE},
                content=path.read_bytes(),
                headers={"Authorization": f"Bearer {deployment.operator_key}"},
            )
            took = time.monotonic() - began
        process = psutil.Process(deployment.stack.record("payments").pid)
        peak = peak_of(process.pid)
        cpu = process.cpu_times()
        print(
            f"to the acknowledged log: {took:.1f} s, {cpu.user + cpu.system:.1f} s of CPU, peak {peak:.0f} MB"
        )
    finally:
        down(settings, purge=True)
    assert answer.status_code == 202, answer.text
    assert (answer.json()["accepted"], answer.json()["lines"]) == (rows, rows)
    assert took < 60
    assert peak < 300


def peak_of(pid: int) -> float:
    """The largest resident memory that a process has had, in MB."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024
