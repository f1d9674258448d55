"""Many texts as one parameter: they arrive as they are, in their order."""

import asyncpg
import pytest

from services.platform.database import TEXTS, texts


@pytest.mark.parametrize("values", [[], [""], ["", ""], ["户:H1", "", "a,b", '"{}\\', "NULL"], ["x"] * 5000])
async def test_they_arrive_as_they_are(database: str, values: list[str]) -> None:
    connection = await asyncpg.connect(database)
    try:
        assert await connection.fetchval(f"select {TEXTS.format('$1')}", texts(values)) == values
    finally:
        await connection.close()


def test_a_text_that_would_be_two_is_refused() -> None:
    with pytest.raises(ValueError, match=r"U\+001F"):
        texts(["H1", "H\x1f2"])
