"""An upgrade keeps what is there."""

import asyncpg
import pytest

from deploy.migrations import current_revision, upgrade


async def test_a_new_database_is_brought_to_the_newest_revision_once(database: str) -> None:
    upgrade(database)
    connection = await asyncpg.connect(database)
    revision = await current_revision(connection)
    assert revision == "0010"
    await connection.execute("INSERT INTO vault.salt VALUES ('p.x', decode(repeat('00', 16), 'hex'))")
    upgrade(database)
    assert await current_revision(connection) == revision
    assert await connection.fetchval("SELECT count(*) FROM vault.salt") == 1
    await connection.close()


async def test_the_first_revision_with_data_is_upgraded_with_them(database: str) -> None:
    upgrade(database, "0001")
    connection = await asyncpg.connect(database)
    await connection.execute("INSERT INTO vault.salt VALUES ('p.x', decode(repeat('00', 16), 'hex'))")
    await connection.execute(
        "INSERT INTO intake.receipt (id, source, context, name, status, lines)"
        " VALUES ('00000000-0000-0000-0000-000000000001', '/a', 'payments', 'a.csv', 'complete', 7)"
    )
    await connection.execute(
        "INSERT INTO intake.source (name, key_hash, contexts, areas) VALUES ('/a', 'h', '{payments}', '{50}')"
    )
    upgrade(database)
    assert await current_revision(connection) == "0010"
    assert await connection.fetchval("SELECT subject FROM vault.salt") == "p.x"
    assert await connection.fetchval("SELECT name FROM intake.source") == "/a"
    assert await connection.fetchrow("SELECT lines, warned FROM intake.receipt") == (7, 0)
    await connection.close()


async def test_the_reader_owns_nothing_and_cannot_look_into_the_vault(database: str) -> None:
    upgrade(database)
    connection = await asyncpg.connect(database)
    await connection.execute("SET ROLE dibao_reader")
    assert await connection.fetchval("SELECT count(*) FROM intake.receipt") == 0
    for table in ("vault.salt", "vault.key_check", "intake.source"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch(f"SELECT * FROM {table}")
    await connection.close()
