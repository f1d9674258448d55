"""Whatever refuses has one shape, RFC 9457, also where the framework or a fault of ours does."""

import json
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.intake.http import gateway
from services.platform.settings import Settings
from tests.services.intake.conftest import OpenIntake, client, read
from tests.services.platform.golden import facts_of

FACT = facts_of("payments")[0]
JSON = {"Content-Type": "application/json"}
Ask = Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]


def check(answer: httpx.Response, status: int) -> dict[str, Any]:
    """Assert that an answer is a problem, and return it."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    found: dict[str, Any] = answer.json()
    assert found["status"] == status
    assert found["type"] == "about:blank"
    assert found["title"]
    assert found["errors"]
    for error in found["errors"]:
        assert set(error) == {"field", "code", "expected", "detail"}
        assert error["detail"] in found["detail"]
    return found


REFUSED: tuple[tuple[int, Ask], ...] = (
    (404, lambda http: http.get("/event")),
    (422, lambda http: http.get("/receipts/none")),
    (404, lambda http: http.get(f"/receipts/{UUID(int=1)}")),
    (404, lambda http: http.get("/templates/none")),
    (404, lambda http: http.get("/receipts?source=/scenario&id=none")),
    (405, lambda http: http.put("/events", json=FACT)),
    (405, lambda http: http.delete("/receipts/none")),
    (401, lambda http: http.post("/events", json=FACT, headers={"Authorization": "Bearer x"})),
    (401, lambda http: http.get("/receipts?source=/a&id=b", headers={"Authorization": ""})),
    (413, lambda http: http.post("/events", content=b" " * (17 * 1024**2), headers=JSON)),
    (415, lambda http: http.post("/events", content=b"x", headers={"Content-Type": "text/plain"})),
    (415, lambda http: http.post("/files?name=a.doc", content=b"x")),
    (422, lambda http: http.post("/events", json={})),
    (422, lambda http: http.post("/events", json=[])),
    (422, lambda http: http.post("/events", json=[{}, {}])),
    (422, lambda http: http.post("/events?dry_run=yse", json=FACT)),
    (422, lambda http: http.post("/files?name=a.csv&source=/scenario", content=b"x")),
    (422, lambda http: http.get("/receipts?source=/scenario")),
    (422, lambda http: http.get("/receipts?source=/scenario&id=1&id=2")),
    (422, lambda http: http.get("/receipts/%00")),
    (422, lambda http: http.get("/receipts?source=%00&id=1")),
    (422, lambda http: http.get("/receipts?source=/scenario&id=%00")),
    (422, lambda http: http.get("/mappings?source=%00")),
    (422, lambda http: http.get("/mappings/%00?source=/scenario")),
    (422, lambda http: http.delete("/mappings/%00?source=/scenario")),
    (422, lambda http: http.put("/mappings/%00?source=/scenario", json={})),
    (404, lambda http: http.get("/templates/%00")),
    (422, lambda http: http.post("/events?dry_run=%00", json=FACT)),
    *(
        (422, lambda http, name=name: http.post(f"/files?name=a.csv&source=/a&{name}=%00", content=b"x"))
        for name in ("batch", "type", "mapping", "source", "name", "%00")
    ),
    (422, lambda http: http.post("/files", files={"file": ("a.csv", b"x")}, data={"batch": "\0"})),
)


async def test_one_shape(open_context: OpenIntake) -> None:
    async with client(await open_context("payments")) as http:
        for status, ask in REFUSED:
            check(await ask(http), status)


async def test_of_a_batch_that_is_refused_whole_each_item_says_why(open_context: OpenIntake) -> None:
    async with client(await open_context("payments")) as http:
        found = check(await http.post("/events", json=[{**FACT, "id": ""}, {**FACT, "time": "x"}]), 422)
        asked = await http.get(f"/receipts/{found['receipt']['id']}")
    assert [item["errors"][0]["field"] for item in found["items"]] == ["id", "time"]
    assert asked.json() == found["receipt"]


async def test_of_a_file_that_is_refused_whole_the_receipt_names_the_rows(open_context: OpenIntake) -> None:
    async with client(await open_context("payments")) as http:
        answer = await http.post("/files?name=a.ndjson", content=b"{}\n[]\n")
    found = check(answer, 422)
    assert [reject["row"] for reject in found["receipt"]["rejects"]][:1] == [1]
    assert found["receipt"]["rejected"] == 2


async def test_a_fault_of_ours_says_no_value(
    open_context: OpenIntake, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    intake = await open_context("payments")

    def fails(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError(json.dumps(FACT))

    monkeypatch.setattr(type(intake.acceptor), "accept", fails)
    async with client(intake) as http:
        found = check(await http.post("/events", json=FACT), 500)
    assert found["errors"][0]["code"] == "fault-of-ours"
    assert FACT["data"]["household_no"] not in caplog.text
    assert "ZeroDivisionError" in caplog.text


async def test_a_process_of_several_contexts(open_context: OpenIntake) -> None:
    contexts = [await open_context("tekun"), await open_context("funds")]
    transport = httpx.ASGITransport(app=gateway(contexts))
    async with httpx.AsyncClient(transport=transport, base_url="http://intake") as http:
        check(await http.get("/payments/health"), 404)
        check(await http.get("/events"), 404)
        check(await http.get("/tekun/none"), 404)
        check(await http.post("/health"), 405)
        health = await http.get("/health")
        document = (await http.get("/funds/openapi.json")).json()
        pages = [(await http.get(path)).text for path in ("/docs", "/funds/docs")]
    assert health.json() == {"status": "ok", "contexts": {"tekun": "ok", "funds": "ok"}}
    assert document["servers"] == [{"url": "/funds"}]
    assert '"/funds/docs"' in pages[0]
    assert '"/funds/docs/swagger-ui-bundle.js"' in pages[1]


async def test_what_would_become_of_facts_is_said_and_nothing_kept(
    settings: Settings, open_context: OpenIntake
) -> None:
    async with client(await open_context("payments")) as http:
        one = await http.post("/events?dry_run=true", json=FACT)
        batch = await http.post("/events?dry_run=true", json=[FACT, {**FACT, "id": ""}])
        receipt = await http.get(f"/receipts/{batch.json()['receipt']['id']}")
        known = await http.get("/receipts", params={"source": FACT["source"], "id": FACT["id"]})
    assert (one.status_code, one.json()["status"]) == (202, "accepted")
    assert [item["status"] for item in batch.json()["items"]] == ["accepted", "rejected"]
    assert (receipt.status_code, known.status_code) == (404, 404)
    assert await read(settings) == []


async def test_the_page_of_the_reference_loads_nothing_from_elsewhere(open_context: OpenIntake) -> None:
    async with client(await open_context("payments"), "") as http:
        page = await http.get("/docs")
        files = [part.partition('"')[0] for part in page.text.split('="/')[1:]]
        loaded = [await http.get(f"/{file}") for file in files]
    assert "http" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert len(files) == 4
    assert [answer.status_code for answer in loaded] == [200] * 4
