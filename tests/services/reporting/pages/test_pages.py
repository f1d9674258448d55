"""What stands on the pages: rows, sums, files, links down to a fact; refusals in Chinese sentences."""

import re

import httpx
import pytest

from tests.services.reporting.conftest import Street
from tests.services.reporting.pages.conftest import cells


async def test_a_ledger_shows_its_rows_their_sum_and_the_same_as_files(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/pages/ledgers/payments", params={"month": "2021-02"})).text
    heads, row, foot = cells(page)
    assert heads[:6] == ["事实", "到账日", "月份", "户号", "救助类别", "金额(元)"]
    assert row[2:6] == ["2021-02", "H1", "农村低保", "1,000.00"]
    assert (foot[0], foot[5]) == ("合计（只计有效）", "1,000.00")
    assert 'href="/ledgers/payments.xlsx?month=2021-02"' in page
    assert 'href="/pages/households/H1"' in page


async def test_a_row_opens_into_its_fact(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/pages/ledgers/payments", params={"month": "2021-02"})).text
    fact = (await browser.get(re.findall(r'href="(/pages/facts/[^"]+)"', page)[0])).text
    for said in ("资金发放", "有效", "dibao.payments", "发放编号", "1,000.00"):
        assert said in fact, said


async def test_a_group_leads_to_its_rows(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/pages/ledgers/payments", params={"by": "month"})).text
    groups = cells(page)[1:5]
    assert [row[:2] for row in groups] == [
        ["2021-01", "1"],
        ["2021-02", "1"],
        ["2021-03", "1"],
        ["合计", "3"],
    ]
    assert 'href="/pages/ledgers/payments?month=2021-02"' in page


async def test_sorting_by_a_heading_and_on_to_the_next_page(
    street: Street, browser: httpx.AsyncClient
) -> None:
    asked = {"sort": "-amount_fen", "limit": "2"}
    first = (await browser.get("/ledgers/payments", params=asked, headers={"Accept": "*/*"})).json()
    amounts = [row["amount_fen"] for row in first["rows"]]
    rest = await browser.get(
        "/ledgers/payments", params={**asked, "after": first["next"]}, headers={"Accept": "*/*"}
    )
    amounts += [row["amount_fen"] for row in rest.json()["rows"]]
    assert amounts == sorted(amounts, reverse=True)
    assert len(amounts) == 3


async def test_anomalies_are_sorted_by_their_headings(street: Street, browser: httpx.AsyncClient) -> None:
    await street.announce("raised")
    await street.read()
    page = (await browser.get("/pages/anomalies")).text
    led = set(re.findall(r'href="/pages/anomalies\?sort=(-?\w+)"', page))
    assert led == {"-severity", "rule", "household_no", "village", "holds_since", "-raised_at"}
    turned = (await browser.get("/pages/anomalies?sort=-severity")).text
    assert "级别 ↓" in turned
    assert 'href="/pages/anomalies?sort=severity"' in turned
    assert 'href="/anomalies.xlsx?sort=-severity"' in turned
    since = await browser.get("/pages/anomalies?sort=severity&since=2021-03-01")
    assert since.status_code == 409, "that day is not closed: nothing else is wrong with it"


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/pages/ledgers/payments?month=2021-13", 422, "条件“月份”填得不对：应为月份，如 2021-06。"),
        (
            "/pages/ledgers/payments?until=30.6.2021",
            422,
            "条件“业务日期截至”填得不对：应为日期，如 2021-06-30。",
        ),
        ("/pages/ledgers/payments?as_of=2021-06-30", 409, "这一天还没有日终"),
        ("/pages/ledgers/payments?by=weather", 422, "条件“分组合计”填得不对"),
        ("/pages/ledgers/nothing", 422, "列出的名称之一"),
        ("/pages/households/H999", 404, "没有 H999 户的任何记录"),
        ("/pages/facts/00000000-0000-0000-0000-000000000009", 404, "没有这条记录"),
        ("/pages/anomalies/00000000-0000-0000-0000-000000000009", 404, "没有这条记录"),
        ("/pages/anomalies/not-an-id", 422, "没有这个页面"),
        ("/pages/annex2/cells/Z9?until=2021-06-30", 404, "没有这个页面"),
        ("/pages/nowhere", 404, "没有这个页面"),
    ],
)
async def test_refusals_are_sentences(browser: httpx.AsyncClient, path: str, status: int, said: str) -> None:
    page = await browser.get(path)
    assert page.status_code == status
    assert said in page.text
    assert page.headers["content-type"].startswith("text/html")


async def test_an_anomaly_is_explained(street: Street, browser: httpx.AsyncClient) -> None:
    await street.announce("raised")
    await street.announce("revised", 2, severity="high")
    await street.read()
    listed = (await browser.get("/pages/anomalies")).text
    assert "共 1 行" in listed
    page = (await browser.get(re.findall(r'href="(/pages/anomalies/[^"]+)"', listed)[0])).text
    for said in ("大额支付", "大额支付倍数 1.00（当月核定金额的倍数）", "资金发放", "新增", "变更"):
        assert said in page, said


async def test_a_household_on_one_page(street: Street, browser: httpx.AsyncClient) -> None:
    await street.announce("raised")
    await street.read()
    page = (await browser.get("/pages/households/H1")).text
    for said in ("H1 户", "户主", "保障对象台账", "低保金发放台账", "大额支付", "审批", "发放"):
        assert said in page, said
    found = await browser.get("/pages/households", params={"household_no": "H1"})
    assert found.headers["location"] == "/pages/households/H1"


async def test_annex_2_opens_from_a_cell_to_its_facts(browser: httpx.AsyncClient) -> None:
    form = (await browser.get("/pages/annex2", params={"until": "2021-12-31"})).text
    opened = re.findall(r'href="(/pages/annex2/cells/A1p[^"]*)">1<', form)[-1]
    page = (await browser.get(opened.replace("&amp;", "&"))).text
    assert "退出" in page
    assert "/pages/facts/" in page


async def test_what_is_typed_is_shown_as_it_is_and_runs_nowhere(browser: httpx.AsyncClient) -> None:
    page = await browser.get(
        "/pages/ledgers/payments", params={"household_no": '"><script>alert(1)</script>'}
    )
    assert "<script" not in page.text
    assert "script-src" not in page.headers["content-security-policy"]
    assert "default-src 'none'" in page.headers["content-security-policy"]
