"""Every input of the table by every way: the exact answers, and no good neighbour is stopped."""

import pytest

from tests.bad_input.desk import Desk
from tests.bad_input.inputs import CLASSES
from tests.bad_input.secrets import secrets_of_class
from tests.bad_input.sending import letters_of, send_class
from tests.bad_input.table import InputClass

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("bad", CLASSES, ids=[bad.name for bad in CLASSES])
async def test_each_is_answered_exactly_and_stops_no_neighbour(desk: Desk, bad: InputClass) -> None:
    await desk.begin()
    letters = await send_class(desk, bad)
    assert not desk.wrong, "\n".join(desk.wrong)
    found = await desk.settled(len(letters))
    assert letters_of(found, desk.settings.topic_prefix) == sorted(letters)
    await desk.reported()
    said = "\n".join(desk.said)
    assert [line for line in desk.said if line.startswith(("ERROR uvicorn", "ERROR services"))] == []
    assert [secret for secret in secrets_of_class(bad) if secret in said] == []
    assert (await desk.http.get("/payments/health")).status_code == 200
