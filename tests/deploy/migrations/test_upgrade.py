"""An upgrade keeps what is there."""

import asyncpg
import pytest

from deploy.migrations import current_revision, upgrade


async def test_a_new_database_is_brought_to_the_newest_revision_once(database: str) -> None:
    upgrade(database)
    connection = await asyncpg.connect(database)
    revision = await current_revision(connection)
    assert revision == "0031"
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
    assert await current_revision(connection) == "0031"
    assert await connection.fetchval("SELECT subject FROM vault.salt") == "p.x"
    assert await connection.fetchval("SELECT name FROM intake.source") == "/a"
    assert await connection.fetchrow("SELECT lines, warned FROM intake.receipt") == (7, 0)
    await connection.close()


async def test_what_a_newer_version_has_added_is_left_alone(database: str) -> None:
    """Who goes back to this version finds the tables that it knows, and may start."""
    upgrade(database)
    connection = await asyncpg.connect(database)
    await connection.execute("UPDATE public.alembic_version SET version_num = '9001'")
    await connection.execute("ALTER TABLE vault.salt ADD newer text NOT NULL DEFAULT ''")
    upgrade(database)
    assert await current_revision(connection) == "9001"
    await connection.execute("INSERT INTO vault.salt VALUES ('p.x', decode(repeat('00', 16), 'hex'))")
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


async def test_voids_of_single_versions_are_taken_over_from_the_projection(database: str) -> None:
    upgrade(database, "0010")
    connection = await asyncpg.connect(database)
    await connection.execute(
        """
        INSERT INTO platform.generation (name, live) VALUES ('projection', 3);
        CREATE SCHEMA projection_g3;
        CREATE TABLE projection_g3.void (target uuid, target_digest text, event_id uuid);
        ALTER TABLE projection_g3.void OWNER TO dibao_projector;
        ALTER SCHEMA projection_g3 OWNER TO dibao_projector;
        INSERT INTO projection_g3.void VALUES
          ('00000000-0000-0000-0000-000000000001', 'ab', '00000000-0000-0000-0000-000000000011'),
          ('00000000-0000-0000-0000-000000000002', NULL, '00000000-0000-0000-0000-000000000012');
        INSERT INTO intake.voided (event_id) VALUES ('00000000-0000-0000-0000-000000000003');
        """
    )
    upgrade(database)
    found = await connection.fetch("SELECT event_id, digest FROM intake.voided ORDER BY event_id")
    assert [(row["event_id"].int, row["digest"]) for row in found] == [(1, b"\xab"), (3, b"")]
    # One whose own id was not noted is in force; of the other intake has to have seen one version.
    assert [row["event_id"].int for row in await connection.fetch("SELECT * FROM intake.undone")] == [3]
    await connection.execute("SET ROLE dibao_intake")
    assert await connection.fetchval("SELECT count(*) FROM intake.undone") == 1
    await connection.close()
