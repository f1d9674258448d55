"""The database's address may stand in a file."""

from pathlib import Path

import pytest

from deploy.address import read_address


def test_it_is_read_where_none_is_given(tmp_path: Path) -> None:
    file = tmp_path / "database"
    file.write_text("postgresql://dibao:secret@db/dibao\n")
    told = {"DIBAO_DATABASE_URL_FILE": str(file)}
    read_address(told)
    assert told["DIBAO_DATABASE_URL"] == "postgresql://dibao:secret@db/dibao"
    given = {**told, "DIBAO_DATABASE_URL": "postgresql://other/dibao"}
    read_address(given)
    assert given["DIBAO_DATABASE_URL"] == "postgresql://other/dibao"
    empty: dict[str, str] = {}
    read_address(empty)
    assert empty == {}


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="none"):
        read_address({"DIBAO_DATABASE_URL_FILE": str(tmp_path / "none")})
