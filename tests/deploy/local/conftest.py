"""A folder for a stack of the test's own."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import StackSettings, down


@pytest.fixture
def settings() -> Iterator[StackSettings]:
    """Settings of a throw-away stack in a new folder; whatever runs there afterwards is ended."""
    root = Path(tempfile.mkdtemp(prefix=f"dibao-test-{os.getpid()}-"))
    root.chmod(0o755)  # PostgreSQL's user must pass
    mine = StackSettings(root=root, fsync=False, shared_buffers="128MB")
    yield mine
    down(mine, purge=True)
    shutil.rmtree(root)
