"""The contract on Faust."""

from typing import ClassVar

from services.platform.faust_transport import run_faust
from tests.services.platform.pipeline.contract import PipelineContract, Run


class TestFaust(PipelineContract):
    transport = "faust"
    run: ClassVar[Run] = staticmethod(run_faust)
