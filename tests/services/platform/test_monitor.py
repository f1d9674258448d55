"""Who operates a process asks whether it lives, whether it does its work, and what it has counted."""

import socket

import httpx
import pytest
from fastapi import FastAPI
from prometheus_client import generate_latest

from services.platform.listening import ListenerError
from services.platform.monitor import attended, monitored, waiting
from services.platform.requests import Timed
from services.platform.settings import Settings
from tests.ports import free_port


async def ask(settings: Settings, path: str) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.get(f"http://127.0.0.1:{settings.monitor_port}{path}")


@pytest.fixture
def settings() -> Settings:
    return Settings(monitor_port=free_port())


async def works() -> str | None:
    return None


async def fails() -> str | None:
    raise ConnectionRefusedError("postgresql://dibao:secret@db")


async def test_it_is_ready_when_each_of_its_parts_is(settings: Settings) -> None:
    async with monitored(settings):
        assert (await ask(settings, "/readyz")).json() == {
            "status": "waiting",
            "parts": {"process": "starts"},
        }
        with attended("pipeline projector", works):
            assert (await ask(settings, "/readyz")).status_code == 200
            with attended("servers", waiting("waits for PostgreSQL")):
                answer = await ask(settings, "/readyz")
                assert (answer.status_code, answer.json()["parts"]) == (
                    503,
                    {"servers": "waits for PostgreSQL"},
                )
                assert (await ask(settings, "/livez")).status_code == 200, "that is no reason to restart it"
            assert (await ask(settings, "/readyz")).status_code == 200


async def test_what_cannot_be_asked_is_not_ready_and_says_no_secret(settings: Settings) -> None:
    async with monitored(settings):
        with attended("relay", fails):
            answer = await ask(settings, "/readyz")
            assert answer.status_code == 503
            assert answer.json()["parts"] == {"relay": "cannot be asked: ConnectionRefusedError"}
            assert 'dibao_ready{part="relay"} 0.0' in (await ask(settings, "/metrics")).text


async def test_without_a_port_nobody_listens_and_a_taken_one_is_named() -> None:
    async with monitored(Settings()):
        pass
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ListenerError, match=f"DIBAO_MONITOR_PORT names port {port}"):
            async with monitored(Settings(monitor_port=port)):
                pass


async def test_requests_are_counted_by_route_and_never_by_what_they_name() -> None:
    inner, app = FastAPI(), FastAPI()

    @inner.get("/receipts/{receipt_id}")
    async def receipt(receipt_id: str) -> str:
        if receipt_id == "broken":
            raise RuntimeError(receipt_id)
        return receipt_id

    app.mount("/monitored", inner)
    transport = httpx.ASGITransport(Timed(app), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        for path in ("monitored/receipts/500102199209286028", "monitored/receipts/broken", "家庭/张三"):
            await client.get(f"/{path}")
        await client.request("张三".encode().hex(), "/monitored/receipts/1")
    shown = generate_latest().decode()
    route = 'route="/receipts/{receipt_id}",service="monitored"'
    assert f'dibao_http_request_seconds_count{{method="GET",{route},status="200"}} 1.0' in shown
    assert f'dibao_http_request_seconds_count{{method="GET",{route},status="500"}} 1.0' in shown
    assert 'method="other"' in shown and 'route="other"' in shown
    assert "500102199209286028" not in shown and "张三" not in shown and "broken" not in shown
