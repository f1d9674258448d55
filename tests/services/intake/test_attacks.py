"""What a careless or hostile upstream may hand over: a clear answer in seconds, and nobody else is harmed."""

import asyncio
import io
import time
import uuid
import zipfile
from collections.abc import AsyncIterator

import httpx
import psutil
import pytest
import pytest_asyncio

from deploy.local import Stack
from tests.conftest import made_database
from tests.deployment import Deployment
from tests.services.intake.grouped import HEADER
from tests.services.intake.uploads import csv_bytes
from tests.services.intake.workbooks import MAIN, entries_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

MEMBER = [
    "", "LZ000817", "农村低保", "500102008202", "周仁贵", "500102197406050752", "本人", "154.33",
    "6217000000150464", "周仁贵", "2020-12", "463", "普通", "2020-11-20", "",
]  # fmt: skip
SECONDS = 20.0
"""For an answer, on a machine that others use too; alone each takes one to three."""
HEALTH_SECONDS, LONGEST_HEALTH_SECONDS = 0.1, 2.0
"""For `/health` meanwhile, in the middle and at most, on a machine that others use too. Before, one of these
attacks held it up for all of its time."""
MEGABYTES = 900
"""Of the service with all that it has started."""


def household(persons: int) -> bytes:
    """A file of one household of so many."""
    return csv_bytes([HEADER, *([MEMBER] * persons)])


def bomb(megabytes: int) -> bytes:
    """A workbook of rows of one household that unpacks to so much."""
    texts = [*HEADER, *(text or "/" for text in MEMBER)]

    def row(number: int, first: int) -> str:
        cells = "".join(
            f'<c r="{chr(65 + at)}{number}" t="s"><v>{first + at}</v></c>' for at in range(len(HEADER))
        )
        return f'<row r="{number}">{cells}</row>'

    parts, out = entries_of(""), io.BytesIO()
    parts["xl/sharedStrings.xml"] = (
        f'<sst xmlns="{MAIN}">' + "".join(f"<si><t>{text}</t></si>" for text in texts) + "</sst>"
    )
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            size = sheet.write(f'<worksheet xmlns="{MAIN}"><sheetData>{row(1, 0)}{row(2, 15)}'.encode())
            # Rows that say nothing more cost least to pack.
            blanks = b'<row r="%d"><c t="s"><v>16</v></c></row>'
            number = 3
            while size < megabytes * 1024**2:
                size += sheet.write(blanks % number + b" " * 1000)
                number += 1
            sheet.write(b"</sheetData></worksheet>")
        for name, text in parts.items():
            if name != "xl/worksheets/sheet1.xml":
                archive.writestr(name, text)
    return out.getvalue()


CSV, XLSX = "/files?name=a.csv&source=/office&batch=B1", "/files?name=a.xlsx&source=/office&batch=B1"
ATTACKS: dict[str, tuple[str, str | bytes, int, str]] = {
    "4 MB of [0,0,…]": ("/events", "[" + "0," * 2_000_000 + "0]", 413, "too-many-events"),
    "8 MB of commas": (CSV, "," * 8_000_000, 422, "header-row"),
    "8 MB of commas below a header": (CSV, ",".join(HEADER) + "\n" + "," * 8_000_000, 422, "line-too-long"),
    "8 MB of commas in lines": (CSV, ",".join(HEADER) + ("\nx" + "," * 900_000) * 9, 422, "all-rejected"),
    "5,000 persons of one household": (CSV, household(5000), 422, "all-rejected"),
    "50,000 persons of one household": (CSV, household(50_000), 422, "rows-of-a-fact"),
    "deep JSON": ("/events", "[" * 4_000_000, 422, "array-expected"),
    "a million blank lines": ("/events", "\n" * 4_000_000, 422, "one-event"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Deployment]:
    """The process of one context."""
    async with made_database(stack) as database:
        deployment = Deployment(
            stack,
            tmp_path_factory.mktemp("office"),
            name="attacked",
            database_url=database,
            prefix=f"a{uuid.uuid4().hex[:8]}",
        )
        await deployment.prepare()
        deployment.start("enrollment")
        try:
            await deployment.serving(["enrollment"])
            yield deployment
        finally:
            deployment.stop("enrollment")


def open_client(office: Deployment) -> httpx.AsyncClient:
    """A client with the operator's key."""
    headers = {"Authorization": f"Bearer {office.operator_key}"}
    return httpx.AsyncClient(base_url=office.url("enrollment"), headers=headers, timeout=60)


async def unharmed(office: Deployment, path: str, content: bytes) -> httpx.Response:
    """Hand something over, and see that others are answered meanwhile, and what memory all of it takes."""
    process = psutil.Process(office.stack.record("attacked-enrollment").pid)
    waits, peak, began = [], 0.0, time.monotonic()
    kind = "application/json" if content[:1] == b"[" else "application/x-ndjson"
    async with open_client(office) as attacker, open_client(office) as other:
        attack = asyncio.ensure_future(attacker.post(path, content=content, headers={"content-type": kind}))
        good = asyncio.ensure_future(other.post(CSV, content=csv_bytes([HEADER, MEMBER])))
        while not attack.done():
            asked = time.monotonic()
            assert (await other.get("/health")).status_code == 200
            waits.append(time.monotonic() - asked)
            peak = max(peak, memory_of(process))
            await asyncio.sleep(0.02)
        lasted = time.monotonic() - began
        assert (await good).json()["rejected"] == 0, good.result().text
    waits.sort()
    assert lasted < SECONDS
    assert peak < MEGABYTES
    assert waits[len(waits) // 2] < HEALTH_SECONDS, waits
    assert waits[-1] < LONGEST_HEALTH_SECONDS, waits
    print(
        f"answered in {lasted:.1f} s, {peak:.0f} MB, /health {waits[len(waits) // 2]:.3f} {waits[-1]:.3f} s"
    )
    return await attack


def memory_of(process: psutil.Process) -> float:
    """Resident memory of a process and of all below it, in MB; what they share counts for each."""
    found = 0
    for each in (process, *process.children(recursive=True)):
        try:
            found += each.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return found / 1e6


@pytest.mark.parametrize("attack", ATTACKS)
async def test_an_attack_is_answered_and_harms_nobody(office: Deployment, attack: str) -> None:
    path, content, status, code = ATTACKS[attack]
    answer = await unharmed(office, path, content.encode() if isinstance(content, str) else content)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, code), answer.text[:500]


async def test_persons_of_one_household_are_counted_in_the_sentence(office: Deployment) -> None:
    async with open_client(office) as http:
        receipt = (await http.post(CSV, content=household(5000))).json()["receipt"]
    (reject,) = receipt["rejects"]
    assert (receipt["rejected"], reject["row"], reject["code"]) == (5000, 2, "rows-of-a-fact")
    assert "5000行" in reject["reason"]


async def test_half_a_megabyte_that_unpacks_to_a_hundred(office: Deployment) -> None:
    content = bomb(100)
    assert len(content) < 700_000
    answer = await unharmed(office, XLSX, content)
    assert answer.status_code in (207, 422), answer.text[:500]


@pytest.mark.parametrize("number", ["99999999999999999999", "1e5", "-5", "٣"])
async def test_a_row_of_a_number_that_no_sheet_has_is_refused(office: Deployment, number: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in entries_of(f'<row r="{number}"><c r="A{number}"><v>1</v></c></row>').items():
            archive.writestr(name, text)
    async with open_client(office) as http:
        answer = await http.post(XLSX, content=out.getvalue())
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "workbook-repaired")
