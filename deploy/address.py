"""The database's address, where a file has it. Imports nothing of ours: each command begins with it."""

import os
from collections.abc import MutableMapping
from pathlib import Path


def read_address(environment: MutableMapping[str, str] = os.environ) -> None:
    """Take the database's address from the file that DIBAO_DATABASE_URL_FILE names, where none is given.

    An address has a password in it, and what stands in a variable is shown to many. Raises OSError.
    """
    named = environment.get("DIBAO_DATABASE_URL_FILE")
    if named and not environment.get("DIBAO_DATABASE_URL"):
        environment["DIBAO_DATABASE_URL"] = Path(named).read_text(encoding="utf-8").strip()
