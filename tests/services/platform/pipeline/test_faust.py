"""The contract on Faust."""

import time
from typing import Any, ClassVar

import pytest

from services.platform import faust_transport
from services.platform.faust_transport import run_faust
from services.platform.settings import Settings
from tests.services.platform.pipeline.contract import PipelineContract, Run


class TestFaust(PipelineContract):
    transport = "faust"
    run: ClassVar[Run] = staticmethod(run_faust)

    async def test_a_thread_that_begins_late_is_stopped_too(
        self, settings: Settings, pool: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A busy machine: the worker is stopped between the making of the thread and its first step."""
        begin = faust_transport._Expendable.run

        def run(thread: Any) -> None:
            time.sleep(0.3)
            begin(thread)

        monkeypatch.setattr(faust_transport._Expendable, "run", run)
        await self.leaves_nothing_running(settings, pool, range(0, 400, 100))
