"""What a supervisor does on the pages, with nothing but clicks and what they type."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from axe_playwright_python.async_playwright import Axe
from openpyxl import load_workbook
from playwright.async_api import expect

from tests.browser.conftest import Site

PAGES = (
    "/",
    "/pages/anomalies",
    "/pages/households",
    "/pages/households/H1",
    "/pages/ledgers",
    "/pages/ledgers/payments?by=month",
    "/pages/ledgers/recipients?all=1",
    "/pages/views",
    "/pages/views/ranking",
    "/pages/villages/500102008201",
    "/pages/annex2?until=2021-12-31",
    "/pages/annex2/cells/A1p?until=2021-12-31",
    "/pages/annex2/frozen",
    "/pages/alerts",
    "/pages/rules",
    "/pages/policy",
)


async def test_from_the_official_form_down_to_a_fact(site: Site) -> None:
    page = await site.entered()
    await page.click("nav >> text=附件2")
    await page.fill("input[name=until]", "2021-12-31")
    await page.click("text=查询")
    await page.locator("a[href*='cells/A1p']", has_text=re.compile("^1$")).last.click()
    await expect(page.locator("main")).to_contain_text("计入 1")
    await page.locator("table a", has_text="事实").first.click()
    await expect(page.locator("h1")).to_contain_text("退出")
    await expect(page.locator("main")).to_contain_text("dibao.enrollment")
    await page.click("dd >> text=H1")
    await expect(page.locator("h1")).to_contain_text("H1 户")
    assert site.errors == []


async def test_a_filter_its_sum_and_its_excel(site: Site, tmp_path: Path) -> None:
    page = await site.entered()
    await page.click("nav >> text=台账中心")
    await page.click("text=低保金发放台账")
    await page.fill("input[name=month]", "2021-02")
    await page.click("text=查询")
    await expect(page.locator("main")).to_contain_text("共 1 行")
    await expect(page.locator("tfoot").last).to_contain_text("1,000.00")
    async with page.expect_download() as coming:
        await page.click("text=Excel")
    await (await coming.value).save_as(tmp_path / "payments.xlsx")
    sheet = load_workbook(BytesIO((tmp_path / "payments.xlsx").read_bytes())).active
    values = [cell.value for row in sheet.iter_rows() for cell in row]
    assert values.count("2021-02") == 1
    assert values.count(1000) == 2, "the payment, and the total"


async def test_an_anomaly_and_its_household(site: Site) -> None:
    page = await site.entered()
    await page.click("nav >> text=预警")
    await page.locator("tbody a", has_text="预警").first.click()
    await expect(page.locator(".sentence")).to_contain_text("H1")
    await expect(page.locator("main")).to_contain_text("依据的事实")
    await page.click("dd >> text=H1")
    await expect(page.locator("main")).to_contain_text("大额支付")
    await expect(page.locator("main")).to_contain_text("低保金发放台账")


async def test_a_wrong_month_is_told_in_a_sentence(site: Site) -> None:
    page = await site.entered()
    answer = await page.goto(site.address + "/pages/ledgers/payments?month=2021-13")
    assert answer is not None
    assert answer.status == 422
    await expect(page.locator("[role=alert]")).to_have_text("条件“月份”填得不对：应为月份，如 2021-06。")


async def test_another_areas_household_is_not_shown_by_its_address(site: Site) -> None:
    page = await site.entered(area="500102009")
    answer = await page.goto(site.address + "/pages/households/H1")
    assert answer is not None
    assert answer.status == 403
    await expect(page.locator("[role=alert]")).to_contain_text("您的密钥只能看")
    assert "1,000.00" not in await page.content()


async def test_it_prints(site: Site) -> None:
    page = await site.entered()
    for path in ("/pages/annex2?until=2021-12-31", "/pages/households/H1", "/pages/ledgers/payments"):
        await page.goto(site.address + path)
        printed = await page.pdf(prefer_css_page_size=True)
        assert printed.startswith(b"%PDF-")
        await page.emulate_media(media="print")
        assert not await page.locator("nav.menu").is_visible()
        assert await page.locator(".signature").is_visible()
        await page.emulate_media(media="screen")


async def test_everything_works_without_script(site: Site) -> None:
    page = await site.entered(script=False)
    await page.goto(site.address + "/pages/ledgers/payments")
    await page.fill("input[name=household_no]", "H1")
    await page.click("text=查询")
    assert "household_no=H1" in page.url
    await expect(page.locator("tbody tr")).to_have_count(3)


@pytest.mark.timeout(180)
async def test_every_page_is_accessible_and_asks_nothing_of_others(site: Site) -> None:
    page = await site.entered()
    for path in PAGES:
        answer = await page.goto(site.address + path)
        assert answer is not None
        assert answer.status == 200, path
        found = await Axe().run(page)
        serious = [
            (each["id"], [node["html"][:120] for node in each["nodes"][:3]])
            for each in found.response["violations"]
            if each["impact"] in ("serious", "critical")
        ]
        assert serious == [], path
        assert len(await page.content()) < 500_000, path
    assert site.errors == []
