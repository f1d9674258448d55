"""Pages are entered with a reader's key, which the browser then keeps; programs are asked for it as ever."""

from tests.services.reporting.conftest import Street
from tests.services.reporting.pages.conftest import visit


async def test_without_a_key_a_person_is_led_to_the_entrance_and_back(street: Street) -> None:
    await street.read()
    key = await street.reader()
    async with visit(street) as browser:
        away = await browser.get("/pages/ledgers/payments?month=2021-02")
        assert away.status_code == 303
        assert away.headers["location"] == "/enter?to=%2Fpages%2Fledgers%2Fpayments%3Fmonth%3D2021-02"
        entrance = await browser.get(away.headers["location"])
        assert 'value="/pages/ledgers/payments?month=2021-02"' in entrance.text
        entered = await browser.post(
            "/enter", data={"key": f" {key} ", "to": "/pages/ledgers/payments?month=2021-02"}
        )
        assert (entered.status_code, entered.headers["location"]) == (
            303,
            "/pages/ledgers/payments?month=2021-02",
        )
        kept = entered.headers["set-cookie"].lower()
        assert "httponly" in kept
        assert "samesite=strict" in kept
        assert "共 1 行" in (await browser.get(entered.headers["location"])).text
        assert (await browser.post("/leave")).headers["location"] == "/enter"
        assert (await browser.get("/")).status_code == 303


async def test_a_wrong_key_enters_nowhere(street: Street) -> None:
    async with visit(street) as browser:
        refused = await browser.post("/enter", data={"key": "rd.wrong"})
        assert refused.status_code == 401
        assert "密钥不对" in refused.text
        assert "set-cookie" not in refused.headers


async def test_the_entrance_leads_to_no_other_site(street: Street) -> None:
    await street.read()
    key = await street.reader()
    async with visit(street) as browser:
        for elsewhere in ("//evil.example/x", "https://evil.example", "/\\evil.example", "/a\r\nX: y"):
            entered = await browser.post("/enter", data={"key": key, "to": elsewhere})
            assert entered.headers["location"] == "/", elsewhere


async def test_what_a_browser_keeps_opens_nothing_that_is_sealed(street: Street) -> None:
    key = await street.reader("督查", may_open=True)
    async with visit(street) as browser:
        await browser.post("/enter", data={"key": key})
        wanted = {"token": "p.abc", "reason": "核对"}
        assert (await browser.post("/openings", json=wanted)).status_code == 401


async def test_a_program_is_told_that_a_key_is_needed(street: Street) -> None:
    async with visit(street) as browser:
        refused = await browser.get("/", headers={"Accept": "*/*"})
        assert refused.status_code == 401
        assert "Bearer" in refused.headers["www-authenticate"]
