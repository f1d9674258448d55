"""The contract on aiokafka."""

import asyncio
from typing import Any, ClassVar

import pytest

from services.platform.aiokafka_transport import run_aiokafka
from services.platform.pipeline import Pipeline
from services.platform.settings import Settings
from tests.chaos.proxy import Proxy
from tests.ports import free_port
from tests.services.platform.pipeline.contract import PipelineContract, Run, serials
from tests.services.platform.pipeline.facts import Ledger, eventually, publish


class TestAiokafka(PipelineContract):
    transport = "aiokafka"
    run: ClassVar[Run] = staticmethod(run_aiokafka)

    async def test_kafka_that_goes_just_before_the_client_starts_is_waited_for(
        self, settings: Settings, pool: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def there(pipeline: Pipeline, stop: asyncio.Event) -> None:
            """It was, a moment ago."""

        await publish(settings, serials(3))
        monkeypatch.setattr(Pipeline, "wait_for_servers", there)
        proxy, port = Proxy("kafka"), free_port()
        away = settings.model_copy(update={"kafka": f"127.0.0.1:{port}"})
        async with self.worker(away, pool, Ledger()) as task:
            await asyncio.sleep(0.5)
            assert not task.done()
            await proxy.listen(int(settings.kafka.rpartition(":")[2]), port)
            assert await eventually(pool, 3, task) == serials(3)
        async with self.worker(away.model_copy(update={"kafka": f"127.0.0.1:{free_port()}"}), pool, Ledger()):
            await asyncio.sleep(0.3)  # and stops while it waits
        await proxy.close()
