"""A key that is bound to an area reads nothing of another: by no route, page, file or sum."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import date

import httpx
import pytest

from projections.ledgers import LEDGERS
from projections.views import VIEWS
from services.platform.access import AccessError, add_holder
from services.reporting import queries
from services.reporting.application import application
from services.reporting.queries import LedgerFilter
from services.reporting.reach import kept_to
from tests.services.reporting.conftest import Street

OWN, OTHER = "500102008", "500102009"
"""The street that H1 lives in, and another."""


def reader(street: Street, key: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(street.reporting)
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers)


@pytest.fixture
async def elsewhere(street: Street) -> AsyncIterator[httpx.AsyncClient]:
    """A reader of the other street, once everything is read and something is found."""
    await street.announce("raised")
    await street.read()
    async with reader(street, await add_holder(street.pool, "邻街", "reader", area=OTHER)) as client:
        yield client


def paths(application_routes: list[str], event_id: str) -> list[str]:
    """Every address that answers a GET, with H1, its fact and its anomaly put in."""
    filled = {
        "{anomaly_id}": "00000000-0000-5000-8000-000000000001",
        "{event_id}": event_id,
        "{number}": "H1",
        "{household_no}": "H1",
        "{code}": "A1p",
        "{receipt_id}": "00000000-0000-5000-8000-000000000009",
        "{kind}": "pdf",
        "{quarter}": "2021Q1",
    }
    found = []
    for route in application_routes:
        for name in filled:
            route = route.replace(name, filled[name])
        if "{name}" in route:
            found += [route.replace("{name}", name) for name in (LEDGERS if "ledgers" in route else VIEWS)]
        elif "villages" in route:
            found.append(route.replace("A1p", "500102008201"))
        else:
            found.append(route)
    return found


async def test_nothing_of_another_area_is_read_by_any_way(
    street: Street, elsewhere: httpx.AsyncClient
) -> None:
    event_id = str(street.log.records[0].event.event_id)
    tokens = {
        record.event.data.account.account_id for record in street.log.records if "paid" in record.event.type
    }
    assert tokens
    app = application(street.pool)
    routes = [
        route.path  # type: ignore[attr-defined]
        for route in app.routes
        if "GET" in getattr(route, "methods", ()) and "stream" not in route.path and "pdf" not in route.path  # type: ignore[attr-defined]
    ]
    asked = paths(routes, event_id)
    assert len(asked) > 100
    shown = 0
    async with reader(street, await street.reader("全部")) as everywhere:
        for path in asked:
            for accept in ("application/json", "text/html"):
                question = {"params": {"until": "2021-12-31"}, "headers": {"Accept": accept}}
                answer = await elsewhere.get(path, **question)  # type: ignore[arg-type]
                text = answer.text.replace("H1 ", "", 1) if path.endswith("/H1") else answer.text
                assert answer.status_code < 500, path
                for seen in ("P000", '"H1"', ">H1<", *tokens):
                    assert seen not in text, (path, accept, seen)
            whole = await everywhere.get(path, **question)  # type: ignore[arg-type]
            shown += any(seen in whole.text for seen in ("P000", '"H1"', ">H1<", *tokens))
    assert shown > 15, "there would have been something to see"


async def test_its_own_area_is_read_as_ever(street: Street) -> None:
    await street.announce("raised")
    await street.read()
    async with reader(street, await add_holder(street.pool, "本街", "reader", area=OWN)) as client:
        assert len((await client.get("/ledgers/payments")).json()["rows"]) == 3
        assert (await client.get("/ledgers/payments/sums")).json()["total"]["rows"] == 3
        assert len((await client.get("/anomalies")).json()["rows"]) == 1
        page = await client.get("/pages/households/H1", headers={"Accept": "text/html"})
        assert page.status_code == 200
        assert (await client.get("/views/ranking", params={"by": "district"})).status_code == 403
        form = (await client.get("/annex2", params={"until": "2021-12-31"})).json()
        assert form["cells"]["A1p"] == 1


async def test_sums_and_cells_keep_to_the_area(street: Street, elsewhere: httpx.AsyncClient) -> None:
    assert (await elsewhere.get("/ledgers/payments/sums")).json()["total"]["rows"] == 0
    assert (await elsewhere.get("/annex2", params={"until": "2021-12-31"})).json()["cells"]["A1p"] == 0
    rules = (await elsewhere.get("/rules")).json()["rows"]
    assert sum(rule["raised"] for rule in rules) == 0


async def test_a_form_of_a_closed_day_that_another_has_filled_is_not_ones_own(
    street: Street, elsewhere: httpx.AsyncClient
) -> None:
    await street.log.close_day("2021-12-31")
    await street.read()
    asked = {"until": "2021-12-31", "as_of": "2021-12-31"}
    assert (await queries.annex2(street.pool, date(2021, 12, 31), date(2021, 12, 31))).total["A1p"] == 1
    assert (await elsewhere.get("/annex2", params=asked)).json()["cells"]["A1p"] == 0
    assert (await queries.annex2(street.pool, date(2021, 12, 31), date(2021, 12, 31))).total["A1p"] == 1


async def test_a_refusal_says_which_area_it_is(elsewhere: httpx.AsyncClient) -> None:
    refused = await elsewhere.get("/pages/households/H1", headers={"Accept": "text/html"})
    assert refused.status_code == 403
    assert re.search("您的密钥只能看 .*500102009 的数据。", refused.text)


async def test_the_area_ends_with_the_request(street: Street, elsewhere: httpx.AsyncClient) -> None:
    await elsewhere.get("/ledgers/payments")
    assert len((await queries.ledger(street.pool, "payments", LedgerFilter())).rows) == 3
    with kept_to(OTHER):
        assert (await queries.ledger(street.pool, "payments", LedgerFilter())).rows == []


async def test_the_live_stream_keeps_to_the_area(street: Street) -> None:
    await street.announce("raised")
    await street.read()
    for area, heard in ((OWN, True), (OTHER, False)):
        with kept_to(area):
            following = queries.follow(queries.Bell(street.pool), "")
            try:
                said = await asyncio.wait_for(anext(following), 2.0)
                assert heard
                assert said.anomaly["household_no"] == "H1"
            except TimeoutError:
                assert not heard


async def test_who_opens_or_operates_has_no_area(street: Street) -> None:
    with pytest.raises(AccessError, match="leave the area out"):
        await add_holder(street.pool, "甲", "reader", may_open=True, area=OWN)
    with pytest.raises(AccessError, match="leave the area out"):
        await add_holder(street.pool, "甲", "operator", area=OWN)
    with pytest.raises(AccessError, match="12 digits"):
        await add_holder(street.pool, "甲", "reader", area="5001020")
