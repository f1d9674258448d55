"""What a ledger declares is what it can be asked by, over HTTP, at the command line and as a file."""

import csv
from collections.abc import Iterator
from io import BytesIO, StringIO

import httpx
import openpyxl
import pytest

from projections.ledger import FILTERS, Heading, Ledger
from projections.ledgers import LEDGERS
from services.reporting import queries
from services.reporting.application import application
from services.reporting.ledger_files import ledger_xlsx
from tests.oracle import stating as s
from tests.services.reporting.conftest import Street

ASKED = {"village": "500102", "month": "2021-01", "household_no": "H1", "programme": "tekun"}


@pytest.fixture
def closings(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A ledger of days that were closed: of no village, no household, no programme and no month."""
    declared = Ledger(title="日结台账", columns=(Heading("day", "日期"),), order=(("day", "date"),))
    monkeypatch.setitem(LEDGERS, "closings", declared)
    yield """
        CREATE FUNCTION projection_g1.closings_ledger(until date, as_of date) RETURNS TABLE (day date)
        LANGUAGE sql STABLE BEGIN ATOMIC SELECT DISTINCT c.day FROM projection_g1.cut c; END
        """


async def test_a_ledger_offers_what_its_rows_have_and_no_more(closings: str, street: Street) -> None:
    await street.pool.execute(closings)
    await street.log.close_day("2021-01-31")
    await street.read()
    async with _asking(street, await street.reader()) as client:
        whole = await client.get("/ledgers/closings", params={"until": "2021-12-31", "limit": 5})
        assert whole.json() == {
            "ledger": "closings", "title": "日结台账", "rows": [{"day": "2021-01-31"}], "next": None
        }  # fmt: skip
        for name, value in ASKED.items():
            for kind in ("", ".csv", ".xlsx"):
                answer = await client.get(f"/ledgers/closings{kind}", params={name: value})
                assert (answer.status_code, answer.json()) == (
                    422,
                    {"detail": f"{name}: the ledger closings has no such filter; it has until, as_of"},
                )
        described = (await client.get("/openapi.json")).json()["paths"]
        assert _parameters(described, "/ledgers/closings") == {"until", "as_of", "after", "limit"}
        assert _parameters(described, "/ledgers/closings.csv") == {"until", "as_of"}
        assert set(FILTERS) <= _parameters(described, "/ledgers/payments")


async def test_custodies_and_petitions_have_no_programme(client: httpx.AsyncClient) -> None:
    for name in ("custody", "petitions"):
        answer = await client.get(f"/ledgers/{name}", params={"programme": "rural_dibao"})
        assert answer.status_code == 422
        assert answer.json()["detail"].startswith(f"programme: the ledger {name} has no such filter")


def _parameters(described: dict[str, dict[str, dict[str, list[dict[str, str]]]]], path: str) -> set[str]:
    return {parameter["name"] for parameter in described[path]["get"]["parameters"]}


def _asking(street: Street, key: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(application(street.pool))
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers)


async def test_a_ledger_as_csv_and_as_excel_sheet(client: httpx.AsyncClient) -> None:
    text = await client.get("/ledgers/payments.csv", params={"month": "2021-02"})
    assert text.headers["content-type"] == "text/csv; charset=utf-8"
    heads, row = csv.reader(StringIO(text.text.removeprefix("\ufeff")))
    assert text.content.startswith("\ufeff".encode())
    said = dict(zip(heads, row, strict=True))
    assert (said["到账日"], said["救助类别"], said["金额(元)"], said["状态"], said["编号重复"]) == (
        "2021-02-25", "农村低保", "1000.00", "有效", "否",
    )  # fmt: skip
    assert said["账户(代号)"].startswith("a.")

    file = await client.get("/ledgers/payments.xlsx")
    sheet = openpyxl.load_workbook(BytesIO(file.content)).active
    assert sheet.title == "低保金发放台账"
    assert [cell.value for cell in sheet[1]] == heads
    assert [sheet.cell(row, heads.index("月份") + 1).value for row in (2, 3, 4)] == [
        "2021-01", "2021-02", "2021-03"
    ]  # fmt: skip
    assert sheet.cell(3, heads.index("金额(元)") + 1).value == 1000
    members = (await client.get("/ledgers/recipients.csv")).text
    assert "关系保、人情保" in members, "a code inside a list is in words too"


async def test_a_file_of_a_ledger_is_refused_like_its_page(client: httpx.AsyncClient) -> None:
    for kind in ("csv", "xlsx"):
        assert (await client.get(f"/ledgers/payments.{kind}?as_of=2021-01-31")).status_code == 409
        assert (await client.get(f"/ledgers/payments.{kind}?household_no=H999")).status_code == 404


async def test_no_text_of_a_ledger_is_computed(client: httpx.AsyncClient, street: Street) -> None:
    await street.log.state(s.paid("2021-05", payment_no="=1+1"), s.paid("2021-06", payment_no="+1"))
    await street.read()
    text = (await client.get("/ledgers/payments.csv")).text
    assert ",'=1+1," in text and ",'+1," in text
    file = await ledger_xlsx(street.pool, "payments", queries.LedgerFilter())
    sheet = openpyxl.load_workbook(BytesIO(file)).active
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}


async def test_more_rows_than_a_page_are_all_in_the_file(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.reporting.ledger_files.MOST_ROWS", 2)
    await street.read()
    pages = [text async for text in queries.ledger_csv(street.pool, "payments", queries.LedgerFilter())]
    assert [page.count("\r\n") for page in pages] == [3, 1]
    monkeypatch.setattr("services.reporting.ledger_files.MOST_IN_A_WORKBOOK", 2)
    with pytest.raises(queries.WrongQuestionError, match="xlsx: expected at most"):
        await ledger_xlsx(street.pool, "payments", queries.LedgerFilter())
