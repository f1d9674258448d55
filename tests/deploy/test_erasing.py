"""Somebody is erased by two people: then no value of theirs is read anywhere, nor opened with any key."""

import json
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from deploy.backup import as_owner, load
from deploy.local import Stack
from events.catalogue import CONTEXTS
from events.codec import decode
from services.intake.forgetting import forget_taken
from services.platform.access import add_holder
from services.platform.erasures import erase_again
from services.platform.identity import Identity
from services.platform.keys import Keys
from services.platform.log import log_bounds
from services.platform.protection import sealed_values
from services.platform.settings import Family, Settings
from services.platform.vault import SealBrokenError, bound_to, family_of, sealer_of
from services.reporting.opening import data_of
from tests.conftest import made_database
from tests.deploy.cli.terminal import EXPECTED, GOLDEN, Terminal
from tests.deploy.raw import raw_records
from tests.privacy import places
from tests.privacy.scanner import Scanner, Secret
from tests.street.whole import whole

FACTS = [json.loads(line) for line in GOLDEN.read_text(encoding="utf-8").splitlines()]
PAID = next(fact["data"] for fact in FACTS if fact["type"] == "dibao.payments.paid.v1")
PERSON = next(
    member["person"]
    for fact in FACTS
    if fact["type"] == "dibao.enrollment.enrolled.v1"
    for member in fact["data"]["members"]
    if member["person"]["name"] == PAID["account"]["holder_name"]
    and fact["data"]["household_no"] == PAID["household_no"]
)

Value = tuple[str, str, str, str]
"""Whose, of which event, at which path, sealed."""


async def _sealed(settings: Settings) -> list[Value]:
    """Every sealed value that stands on the log."""
    events = [decode(record.value, record.headers) for record in await raw_records(settings, CONTEXTS)]
    return sorted(
        (value.subject, str(event.event_id), value.path, value.sealed)
        for event in events
        for value in sealed_values(event.entry, data_of(event))
    )


async def _salts(database: str) -> dict[str, bytes]:
    connection = await asyncpg.connect(database)
    try:
        return dict(await connection.fetch("SELECT subject, salt FROM vault.salt"))
    finally:
        await connection.close()


def _opened(keys: Keys, values: Iterable[Value], salts: Iterable[bytes]) -> int:
    """How many values open with any of the salts, whosever they are."""
    count = 0
    for subject, event_id, path, sealed in values:
        for salt in salts:
            try:
                sealer_of(keys, subject, salt).open(sealed, bound_to(event_id, path))
            except SealBrokenError:
                continue
            count += 1
    return count


@pytest.mark.slow
@pytest.mark.parametrize("family", ["international", "national"])
async def test_nothing_of_an_erased_person_is_read_or_opened_anywhere(
    stack: Stack, database: str, tmp_path: Path, caplog: Any, family: Family
) -> None:
    backup = tmp_path / "before.backup"
    async with whole(stack, database, tmp_path, journal=True, ciphers=family) as street:
        terminal, settings = Terminal(street, street.deployment), street.settings
        run, keys = terminal.run, Keys.from_settings(settings)
        identity = Identity(keys, family)
        person = identity.person("", PERSON["id_number"], None)
        account = identity.account(PAID["account"]["number"])
        await run("publish", GOLDEN)
        letter = tmp_path / "letter.ndjson"
        letter.write_text(
            json.dumps({"type": "dibao.payments.paid.v1", "id": "x", "data": PERSON}, ensure_ascii=False)
            + "\n",
            encoding="utf-8",
        )
        await run("publish", letter, "--via", "kafka")
        await run("close-day", EXPECTED["closed"])
        await run("wait", "--timeout", "60")
        owner = {**terminal.environment, "DIBAO_DATABASE_URL": database}
        administrator = Terminal(street, street.deployment)
        administrator.environment = owner
        await administrator.run("backup", backup)
        before = await _salts(database)
        (letters,) = [subject for subject in before if subject.startswith("dead-letters:")]
        values = await _sealed(settings)
        theirs = [value for value in values if value[0] in (person, account)]
        others = [value for value in values if value[0] not in (person, account)][:200]
        assert {value[0] for value in theirs} == {person, account}
        assert {family_of(value[3]) for value in values} == {family}
        assert all(_opened(keys, [value], [before[value[0]]]) for value in theirs + others)

        assert account in {row["subject"] for row in await terminal.rows("erase", "related", person)}
        told = (await run("erase", "propose", person, letters, "--reason", "依法删除")).output
        assert f"{account}  the same name, in household {PAID['household_no']}" in told
        await run("erase", "propose", person, account, letters, "--reason", "依法删除")
        second = await add_holder(street.pool, "李强", "operator")
        await run("erase", "confirm", "2", "--key", second)

        after = await _salts(database)
        assert before.keys() - after.keys() == {person, account, letters}
        assert await _sealed(settings) == values
        assert _opened(keys, theirs, after.values()) == 0
        assert all(_opened(keys, [value], [after[value[0]]]) for value in others)
        for token in (person, account):
            assert "erased" in (await run("open", token, "--reason", "核实", code=1)).output
        assert "cannot be opened" in (await run("dlq", "show", "0", "--reason", "核实", code=1)).output

        # What was taken is let go of; then nothing of theirs is anywhere, however it is spelt.
        assert await forget_taken(settings, "payments", timedelta(seconds=-1)) > 0
        (bounds,) = (await log_bounds(settings, ["intake.payments"])).values()
        assert bounds[0] == bounds[1]
        scanner = Scanner(
            [
                Secret("ID number", PERSON["id_number"]),
                Secret("name", PERSON["name"]),
                Secret("account number", PAID["account"]["number"]),
            ]
        )
        seen = [
            one
            async for place in places.records(stack.kafka, settings.topic_prefix)
            for one in scanner.look(*place)
        ]
        seen += [one async for place in places.cells(database) for one in scanner.look(*place)]
        seen += scanner.look_all(places.lines(tmp_path / "journal", stack.root / "log"))
        seen += scanner.look("our own log", caplog.text.encode())
        assert seen == []

    # A backup of before brings the salts back, and recovery destroys them again.
    async with made_database(stack) as anew:
        await load(backup, anew)
        assert (await _salts(anew)).keys() == before.keys()
        async with as_owner(anew) as connection:
            assert await erase_again(settings, connection) == 3
            await connection.execute(
                "INSERT INTO vault.salt VALUES ($1, decode(repeat('00', 16), 'hex'))", person
            )
            assert await erase_again(settings, connection) == 0
        assert (await _salts(anew)).keys() == after.keys() | {person}
