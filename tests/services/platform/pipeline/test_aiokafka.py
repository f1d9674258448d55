"""The contract on aiokafka."""

from typing import ClassVar

from services.platform.aiokafka_transport import run_aiokafka
from tests.services.platform.pipeline.contract import PipelineContract, Run


class TestAiokafka(PipelineContract):
    transport = "aiokafka"
    run: ClassVar[Run] = staticmethod(run_aiokafka)
