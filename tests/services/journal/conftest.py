"""A log of a test's own, and a journal of it."""

import uuid
from pathlib import Path

import pytest

from deploy.local import Stack
from services.platform.settings import Settings
from services.platform.topics import create_topics


@pytest.fixture
async def settings(stack: Stack, tmp_path: Path) -> Settings:
    """Settings of an empty log, and of a journal that is not there yet. There is no database."""
    settings = Settings(
        kafka=stack.kafka,
        database_url="postgresql://nobody@127.0.0.1:1/none",
        topic_prefix=f"t{uuid.uuid4().hex[:8]}",
        partitions=2,
        journal=tmp_path / "journal",
        journal_key_file=tmp_path / "journal.key",
        journal_seconds=0.2,
    )
    await create_topics(settings)
    return settings
