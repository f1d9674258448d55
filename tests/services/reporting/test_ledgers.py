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
from services.reporting.exports.files import file_of
from services.reporting.exports.listing import Listing
from services.reporting.exports.sources import ledger_listing
from services.reporting.exports.text import csv_of
from tests.oracle import stating as s
from tests.services.reporting.conftest import Street

ASKED = {
    "village": "500102",
    "month": "2021-01",
    "household_no": "H1",
    "programme": "tekun",
    "token": "p.x",
    "status": "live",
}


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
            for kind in ("", ".csv", ".xlsx", ".pdf"):
                answer = await client.get(f"/ledgers/closings{kind}", params={name: value})
                said = f"{name}: the ledger closings has no such filter; it has until, as_of"
                assert (answer.status_code, answer.json()["detail"]) == (422, said)
        described = (await client.get("/openapi.json")).json()["paths"]
        assert _parameters(described, "/ledgers/closings") == {
            "until",
            "as_of",
            "after",
            "limit",
            "sort",
            "min_position",
        }
        assert _parameters(described, "/ledgers/closings.csv") == {
            "until",
            "as_of",
            "encoding",
            "min_position",
        }
        assert _parameters(described, "/ledgers/closings.pdf") == {"until", "as_of", "min_position"}
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
    assert [cell.value for cell in sheet[3]] == heads
    assert [sheet.cell(row, heads.index("月份") + 1).value for row in (4, 5, 6)] == [
        "2021-01", "2021-02", "2021-03"
    ]  # fmt: skip
    assert sheet.cell(5, heads.index("金额(元)") + 1).value == 1000
    members = (await client.get("/ledgers/recipients.csv")).text
    assert "关系保、人情保" in members, "a code inside a list is in words too"


async def test_a_file_of_a_ledger_is_refused_like_its_page(client: httpx.AsyncClient) -> None:
    for kind in ("csv", "xlsx", "pdf"):
        assert (await client.get(f"/ledgers/payments.{kind}?as_of=2021-01-31")).status_code == 409
        assert (await client.get(f"/ledgers/payments.{kind}?household_no=H999")).status_code == 404


async def test_no_text_of_a_ledger_is_computed(client: httpx.AsyncClient, street: Street) -> None:
    await street.log.state(s.paid("2021-05", payment_no="=1+1"), s.paid("2021-06", payment_no="+1"))
    await street.read()
    text = (await client.get("/ledgers/payments.csv")).text
    assert ",'=1+1," in text and ",'+1," in text
    with await file_of(ledger_listing(street.pool, "payments", queries.LedgerFilter()), "xlsx") as file:
        sheet = openpyxl.load_workbook(file).active
    assert "f" not in {cell.data_type for row in sheet.iter_rows() for cell in row}


async def test_more_rows_than_a_page_are_all_in_the_file(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.reporting.exports.sources.MOST_ROWS", 2)
    await street.read()

    def payments() -> Listing:
        return ledger_listing(street.pool, "payments", queries.LedgerFilter())

    assert [page.count(b"\r\n") async for page in csv_of(payments())] == [3, 1]
    monkeypatch.setattr("services.reporting.exports.excel.MOST_IN_A_WORKBOOK", 2)
    with pytest.raises(queries.WrongQuestionError, match="xlsx: expected at most 2 rows"):
        await file_of(payments(), "xlsx")
    monkeypatch.setattr("services.reporting.exports.pdf.MOST_ON_PAPER", 2)
    with pytest.raises(queries.WrongQuestionError, match="pdf: expected at most 2 rows"):
        await file_of(payments(), "pdf")


async def test_a_sheet_is_printed_as_it_is(client: httpx.AsyncClient) -> None:
    asked = {"village": "500102008201", "until": "2021-12-31"}
    file = await client.get("/ledgers/payments.xlsx", params=asked)
    sheet = openpyxl.load_workbook(BytesIO(file.content)).active
    assert sheet["A1"].value == "低保金发放台账"
    above = sheet["A2"].value
    assert above.startswith("填报单位：荔枝街道鹅颈关村 500102008201    截至2021-12-31    打印日期：20")
    assert above.endswith("金额单位：元")
    assert sheet["I4"].value == "荔枝街道鹅颈关村 500102008201"
    assert (sheet["A7"].value, sheet["E7"].value) == ("合计（仅计有效；共 3 条）", 2800)
    assert sheet["A9"].value.startswith("填报人：＿＿")
    assert (sheet["E4"].number_format, sheet["C4"].number_format) == ("#,##0.00", "@")
    assert (sheet.print_title_rows, sheet.freeze_panes, sheet.auto_filter.ref) == ("$1:$3", "A4", "A3:T6")
    assert sheet.print_area == "'低保金发放台账'!$A$1:$K$9", "what a screen lists is printed"
    assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
    assert sheet.oddFooter.center.text == "第 &P 页  共 &N 页"


async def test_monthly_amounts_are_added_up_in_one_month_only(client: httpx.AsyncClient) -> None:
    async def last(**asked: str) -> list[object]:
        file = await client.get("/ledgers/recipients.xlsx", params=asked)
        sheet = openpyxl.load_workbook(BytesIO(file.content)).active
        return [cell.value for cell in sheet[sheet.max_row - 2] if cell.value is not None]

    assert await last() == ["共 1 条"]
    assert await last(month="2021-02") == ["合计（共 1 条）", 2, 900]


async def test_a_list_without_rows_says_so(client: httpx.AsyncClient) -> None:
    file = await client.get("/ledgers/payments.xlsx", params={"month": "2019-01"})
    sheet = openpyxl.load_workbook(BytesIO(file.content)).active
    assert (sheet["A4"].value, sheet["A5"].value) == ("无记录", "合计（仅计有效；共 0 条）")
    paper = await client.get("/ledgers/payments.pdf", params={"month": "2019-01"})
    assert (paper.headers["content-type"], paper.content[:5]) == ("application/pdf", b"%PDF-")


async def test_a_csv_in_the_character_set_of_older_programs(client: httpx.AsyncClient) -> None:
    text = await client.get("/ledgers/payments.csv", params={"encoding": "gb18030"})
    assert text.headers["content-type"] == "text/csv; charset=gb18030"
    assert text.content.decode("gb18030").startswith("到账日,月份,户号")
    assert (await client.get("/ledgers/payments.csv", params={"encoding": "big5"})).status_code == 422


async def test_anomalies_as_files(client: httpx.AsyncClient, street: Street) -> None:
    await street.announce("raised")
    await street.read()
    text = await client.get("/anomalies.csv")
    heads, row = csv.reader(StringIO(text.content.decode("utf-8-sig")))
    said = dict(zip(heads, row, strict=True))
    assert (said["规则"], said["级别"], said["状态"]) == ("大额支付", "中", "未消除")
    assert said["村(社区)"] == "荔枝街道鹅颈关村 500102008201"
    assert said["预警时间"] == "2021-03-01 08:00:00"
    sheet = openpyxl.load_workbook(BytesIO((await client.get("/anomalies.xlsx")).content)).active
    assert [sheet[cell].value for cell in ("A1", "A4", "D4", "A5")] == [
        "预警清单", "大额支付", said["说明"], "共 1 条"
    ]  # fmt: skip
    assert (await client.get("/anomalies.pdf", params={"village": "500102008"})).content[:5] == b"%PDF-"
    assert (await client.get("/anomalies.csv", params={"rule": "none"})).status_code == 422


async def test_a_row_is_as_high_as_its_longest_printed_text(
    client: httpx.AsyncClient, street: Street
) -> None:
    await street.announce("raised")
    await street.read()
    sheet = openpyxl.load_workbook(BytesIO((await client.get("/anomalies.xlsx")).content)).active
    assert 41 < len(sheet["D4"].value) <= 61, "three lines of 20 Chinese characters"
    assert sheet.row_dimensions[4].height == 42
    paid = openpyxl.load_workbook(BytesIO((await client.get("/ledgers/payments.xlsx")).content)).active
    assert paid.row_dimensions[4].height is None
