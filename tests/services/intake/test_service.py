"""A context's process: HTTP and the intake topic together, ended by its stop event."""

import asyncio
import json
from importlib import import_module

import httpx
import pytest

from events.catalogue import UPSTREAM_CONTEXTS, intake_topic
from services.intake.service import serve_contexts
from services.intake.signatures import sign
from services.intake.sources import OPERATOR_SIGN
from services.payments.service import DECLARATION as PAYMENTS
from services.platform.keys import Keys
from services.platform.producer import open_producer
from services.platform.settings import Settings
from services.platform.vault import WrongKeyError
from tests.operator import OPERATOR_KEY
from tests.ports import free_port
from tests.services.intake.conftest import read
from tests.services.platform.golden import facts_of


@pytest.mark.parametrize("context", UPSTREAM_CONTEXTS)
def test_every_upstream_context_has_a_service(context: str) -> None:
    service = import_module(f"services.{context}.service")
    assert service.DECLARATION.context == context


async def test_http_and_the_intake_topic_in_one_process(settings: Settings) -> None:
    settings = settings.model_copy(update={"port": free_port()})
    key = OPERATOR_KEY
    first, second = facts_of("payments")[:2]
    stop = asyncio.Event()
    serving = asyncio.ensure_future(serve_contexts([PAYMENTS], settings, stop))
    base = f"http://127.0.0.1:{settings.port}"
    async with httpx.AsyncClient(base_url=base, headers={"Authorization": f"Bearer {key}"}) as http:
        async with asyncio.timeout(60):
            while not serving.done():
                try:
                    if (await http.get("/health")).status_code == 200:
                        break
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
        assert (await http.post("/events", json=first)).status_code == 202
        producer = await open_producer(settings)
        value = json.dumps(second).encode()
        topic = intake_topic(settings.topic_prefix, "payments")
        await producer.send_and_wait(topic, value, headers=[sign(key, OPERATOR_SIGN, value)])
        await producer.stop()
        async with asyncio.timeout(60):
            while len(await read(settings)) < 2:
                await asyncio.sleep(0.2)
    stop.set()
    async with asyncio.timeout(30):
        await serving
    assert {event.serial for event in await read(settings)} == {first["id"], second["id"]}


async def test_a_service_refuses_to_start_on_a_vault_of_another_key(settings: Settings) -> None:
    stop = asyncio.Event()
    stop.set()
    await serve_contexts([PAYMENTS], settings.model_copy(update={"port": free_port()}), stop)
    other = settings.master_key_file.with_name("other.key")
    Keys.create(other)
    with pytest.raises(WrongKeyError, match="sealed with another master key"):
        await serve_contexts([PAYMENTS], settings.model_copy(update={"master_key_file": other}), stop)
    with pytest.raises(WrongKeyError, match="Set DIBAO_TOKENS=international"):
        await serve_contexts([PAYMENTS], settings.model_copy(update={"ciphers": "national"}), stop)
