"""A deployment of a test's own for programs that hand over to it."""

import pytest

from services.platform.settings import Settings
from tests.ports import free_port
from tests.services.intake.conftest import settings as settings_of

bare_settings = settings_of


@pytest.fixture
def listening(bare_settings: Settings) -> Settings:
    """Settings of an empty deployment, with a port that is free."""
    return bare_settings.model_copy(update={"port": free_port()})
