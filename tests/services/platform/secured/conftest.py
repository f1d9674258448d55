"""A Kafka with TLS, SCRAM and permissions, shared by the tests of this folder."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.deployment import PROCESSES
from deploy.local import Stack
from tests.services.platform.secured.broker import Secured, secured_kafka

BANK = "bank"


@pytest.fixture(scope="session")
def secured(stack: Stack) -> Iterator[Secured]:
    """The one that these tests share."""
    with (
        tempfile.TemporaryDirectory(prefix="dibao-secured-") as folder,
        secured_kafka(Path(folder), stack.settings.jars, (*PROCESSES, BANK, "stranger")) as found,
    ):
        yield found
