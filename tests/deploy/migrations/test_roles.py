"""Each service works as a role of its own in PostgreSQL, which may do what it needs and nothing else."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from typer.testing import CliRunner

from deploy.cli.app import app
from deploy.local import StackError
from deploy.migrations.roles import LOGINS, OF_SERVICE, OPERATOR, RolesError, apply_roles, url_as
from deploy.migrations.upgrade import upgrade_database
from projections.schema import READER
from services.detection import generation as detection
from services.platform.database import open_pool
from services.projector import generation as projection
from services.reporting.queries import LedgerFilter, ledger

INTAKE, DETECTION, PROJECTOR, ALERTING, REPORTING, CALENDAR = (
    OF_SERVICE[name] for name in ("payments", "detection", "projector", "alerting", "reporting", "closer")
)


@asynccontextmanager
async def _as(database: str, role: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(url_as(database, role))
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture
async def upgraded(database: str) -> str:
    """A database with the roles, the first generations made by the services themselves."""
    await upgrade_database(database)
    await apply_roles(database)
    async with _as(database, PROJECTOR) as connection:
        await projection.ensure(connection)
    async with _as(database, DETECTION) as connection:
        assert await detection.live(connection) == 1
        await detection.create(connection, detection.schema_of(1))
    return database


MAY_NOT = {
    INTAKE: (
        "UPDATE intake.source SET areas = '{\"\"}'",
        "INSERT INTO intake.source (name, key_hash, contexts, areas) VALUES ('/a', 'x', '{}', '{}')",
        "INSERT INTO access.holder (name, role, key_hash) VALUES ('a', 'operator', 'x')",
        "DELETE FROM vault.salt",
        "UPDATE vault.salt SET salt = salt",
        "SELECT vault.erase(1)",
        "SELECT vault.renew_letters('2021-06-28')",
        "INSERT INTO vault.erasure (subjects, why, proposed_by) VALUES ('{p.x}', 'x', 'x')",
        "SELECT * FROM projection_g1.fact",
        "INSERT INTO platform.generation VALUES ('projection', 2)",
        "SELECT * FROM platform.quarter_item",
        "CREATE SCHEMA mine",
    ),
    DETECTION: (
        "SELECT * FROM vault.salt",
        "SELECT * FROM intake.source",
        "SELECT * FROM access.holder",
        "INSERT INTO projection_g1.contested VALUES (gen_random_uuid())",
        "DROP SCHEMA projection_g1 CASCADE",
        "SELECT vault.keep_opening('open', 'p.x', 'a', 'b', 'c')",
        "DELETE FROM platform.rule",
        "SELECT * FROM platform.proposal",
        "INSERT INTO platform.proposal (type, data, tried, by) VALUES ('t', '{}', '{}', 'somebody')",
    ),
    PROJECTOR: (
        "SELECT * FROM vault.salt",
        "SELECT * FROM intake.receipt",
        "SELECT * FROM access.holder",
        "DELETE FROM detection_g1.finding",
        "DROP SCHEMA detection_g1 CASCADE",
        "UPDATE platform.forged SET error = 'none'",
        "UPDATE platform.partitions SET partitions = 1",
        "UPDATE platform.rule SET title = 'none'",
        "INSERT INTO platform.signed VALUES ('t', gen_random_uuid(), 0, 9)",
        "INSERT INTO platform.dealt_with VALUES ('t', 0, 1, now(), 'a slip', 'x')",
        "SELECT * FROM alerting.subscription",
    ),
    ALERTING: (
        "SELECT * FROM vault.salt",
        "SELECT * FROM intake.source",
        "SELECT * FROM access.holder",
        "SELECT * FROM platform.proposal",
        "DELETE FROM projection_g1.fact",
        "UPDATE platform.rule SET title = 'none'",
        "UPDATE alerting.subscription SET sealed_target = 'another'",
        "UPDATE alerting.notice SET content = '{}'",
        "UPDATE alerting.attempt SET outcome = 'delivered'",
        "DELETE FROM alerting.subscription",
        "DELETE FROM alerting.snooze",
        "DELETE FROM alerting.settled_balance",
        "UPDATE alerting.settled_balance SET findings = 0",
        "INSERT INTO alerting.snooze (anomaly_id, evidence, until, reason, by)"
        " VALUES (gen_random_uuid(), 'x', now(), 'x', 'x')",
    ),
    CALENDAR: (
        "SELECT * FROM vault.salt",
        "SELECT * FROM intake.receipt",
        "SELECT * FROM projection_g1.fact",
        "DELETE FROM platform.offset",
        "DELETE FROM platform.forged",
    ),
    REPORTING: (
        "SELECT * FROM vault.salt",
        "SELECT * FROM vault.opening",
        "SELECT * FROM intake.source",
        "DELETE FROM projection_g1.fact",
        "UPDATE access.holder SET may_open = true",
        "UPDATE platform.generation SET live = 2",
        "UPDATE platform.rule SET title = 'none'",
        "DELETE FROM platform.quarter",
        "SELECT vault.erase(1)",
        "SELECT sealed_target FROM alerting.subscription",
        "SELECT salt FROM alerting.subscription",
        "UPDATE alerting.snooze SET ended_at = now()",
        "UPDATE alerting.notice SET content = '{}'",
    ),
    OPERATOR: (
        "SELECT * FROM vault.salt",
        "DELETE FROM vault.opening",
        "DELETE FROM vault.erasure",
        "UPDATE vault.erasure SET subjects = '{p.y}'",
        "UPDATE vault.key_check SET proof = 'another'",
        "DELETE FROM intake.source",
        "INSERT INTO intake.seen (event_id, digest) VALUES (gen_random_uuid(), 'x')",
        "DELETE FROM projection_g1.fact",
        "DELETE FROM detection_g1.finding",
        "UPDATE platform.generation SET live = 2",
        "UPDATE platform.dealt_with SET reason = 'another'",
        "DELETE FROM platform.dealt_with",
        "UPDATE platform.proposal SET by = 'another'",
        "DELETE FROM platform.proposal_step",
        "UPDATE platform.quarter SET checked_by = 'another'",
        "DELETE FROM platform.quarter_item",
        "UPDATE alerting.notice SET content = '{}'",
        "DELETE FROM alerting.attempt",
        "UPDATE alerting.snooze SET reason = 'another'",
    ),
}

_REFUSED = (
    'INSERT INTO platform.forged (topic, partition, "offset", written_at, error)'
    " VALUES ('t', 0, 1, now(), 'missing') RETURNING \"offset\""
)
MAY = {
    INTAKE: (
        "SELECT * FROM intake.source, access.holder, vault.salt, platform.generation",
        "INSERT INTO vault.salt VALUES ('p.x', decode(repeat('00', 16), 'hex'))",
        "DELETE FROM intake.refused_record",
        _REFUSED,
    ),
    DETECTION: (
        "DELETE FROM detection_g1.finding",
        "SELECT * FROM platform.offset",
        "UPDATE platform.rule SET title = 'none'",
        _REFUSED,
    ),
    PROJECTOR: ("DELETE FROM projection_g1.fact", "CREATE TEMPORARY TABLE staged (a int)", _REFUSED),
    ALERTING: (
        "SELECT * FROM alerting.announcement, projection_g1.fact, platform.rule, platform.generation",
        "UPDATE alerting.subscription SET sent = 0",
        "DELETE FROM alerting.item; DELETE FROM alerting.attempt; DELETE FROM alerting.notice",
        "UPDATE platform.offset SET next_offset = 0 WHERE pipeline = 'alerting'",
        _REFUSED,
    ),
    CALENDAR: ("SELECT pg_advisory_lock(1)", "SELECT * FROM platform.offset, platform.signed", _REFUSED),
    REPORTING: (
        "SELECT * FROM projection_g1.fact, access.holder, intake.receipt",
        "SELECT * FROM platform.quarter, platform.quarter_item",
        "SELECT * FROM platform.quarter, platform.quarter_item",
        "LISTEN dibao_anomalies",
        "SELECT * FROM alerting.notice, alerting.snooze, alerting.item, alerting.settled_balance",
        "SELECT number, name, area FROM alerting.subscription",
        _REFUSED,
    ),
    OPERATOR: (
        "SELECT * FROM projection_g1.fact, detection_g1.finding, intake.seen, vault.opening",
        "UPDATE intake.source SET revoked_at = now()",
        "SELECT * FROM alerting.subscription, alerting.attempt",
        "UPDATE alerting.subscription SET ended_at = now()",
        "UPDATE access.holder SET revoked_at = now()",
        "INSERT INTO platform.signed VALUES ('t', gen_random_uuid(), 0, 9)",
        "INSERT INTO platform.partitions VALUES ('t', 8); UPDATE platform.partitions SET partitions = 9",
        "INSERT INTO platform.dealt_with VALUES ('t', 0, 1, now(), 'a slip', 'x')",
        "INSERT INTO platform.proposal (type, data, tried, by) VALUES ('t', '{}', '{}', 'somebody')",
        "INSERT INTO platform.quarter VALUES ('2021Q1', 'tekun', 1, '2021-03-31', '2021-03-31', 'a', 'b',"
        " NULL, now(), '{}', '[]', '{}', 'd')",
    ),
}


@pytest.mark.parametrize("role", MAY)
async def test_a_role_may_do_what_it_needs_and_nothing_else(upgraded: str, role: str) -> None:
    async with _as(upgraded, role) as connection:
        for statement in MAY[role]:
            await connection.execute(statement)
        for statement in MAY_NOT[role]:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
        for other in ("dibao_owner", "dibao", *(name for name in LOGINS if name != role)):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"SET ROLE {other}")


async def test_no_service_is_superuser_or_owns_what_it_need_not(upgraded: str) -> None:
    connection = await asyncpg.connect(upgraded)
    roles = await connection.fetch("SELECT * FROM pg_roles WHERE rolname LIKE 'dibao\\_%'")
    assert {row["rolname"] for row in roles} == {*LOGINS, "dibao_owner", "dibao_keeper", READER}
    for row in roles:
        assert not any(row[right] for right in ("rolsuper", "rolcreaterole", "rolcreatedb", "rolreplication"))
        assert row["rolcanlogin"] == (row["rolname"] in LOGINS)
    owned = await connection.fetch(
        "SELECT DISTINCT n.nspname AS schema, pg_get_userbyid(c.relowner) AS owner FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname !~ '^(pg_|information)'"
        " UNION SELECT nspname, pg_get_userbyid(nspowner) FROM pg_namespace"
        " WHERE nspname !~ '^(pg_|information|public)'"
    )
    assert {(row["schema"], row["owner"]) for row in owned} == {
        ("public", "dibao_owner"),
        *((schema, "dibao_owner") for schema in ("vault", "intake", "platform", "access", "alerting")),
        ("projection_g1", PROJECTOR),
        ("detection_g1", DETECTION),
    }
    functions = await connection.fetch(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'vault'::regnamespace"
    )
    for function in functions:
        held = await connection.fetchval(
            "SELECT has_function_privilege('public', oid, 'EXECUTE') FROM pg_proc"
            " WHERE proname = $1 AND pronamespace = 'vault'::regnamespace",
            function["proname"],
        )
        assert not held, function
    await connection.close()


async def test_generations_of_before_are_handed_over(database: str) -> None:
    await upgrade_database(database, "0006")
    connection = await asyncpg.connect(database)
    await projection.ensure(connection)
    await detection.live(connection)
    await detection.create(connection, detection.schema_of(1))
    await connection.execute("INSERT INTO intake.source VALUES ('/a', 'h', '{payments}', '{50}')")
    await upgrade_database(database)
    await apply_roles(database)
    await connection.close()
    async with _as(database, PROJECTOR) as projector, projector.transaction():
        await projection.create(projector, 1)  # drops it first, which only its owner may
    async with _as(database, DETECTION) as worker:
        await worker.execute("DROP SCHEMA detection_g1 CASCADE")
    reporting = await open_pool(url_as(database, REPORTING), size=1)
    assert (await ledger(reporting, "payments", LedgerFilter())).rows == []
    await reporting.close()
    async with _as(database, "dibao_migrator") as migrator:
        await migrator.execute("SET ROLE dibao_owner; CREATE TABLE intake.later (a int)")
    async with _as(database, INTAKE) as intake:
        await intake.execute("INSERT INTO intake.later VALUES (1)")


async def test_the_roles_of_another_postgresql_are_applied(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIBAO_DATABASE_URL", database)
    out = tmp_path / "roles"
    result = await asyncio.to_thread(CliRunner().invoke, app, ["roles", "apply", "--out", str(out)])
    assert result.exit_code == 0, result.output
    for service, role in OF_SERVICE.items():
        file = out / f"{service}.env"
        assert file.stat().st_mode & 0o777 == 0o600
        name, _, url = file.read_text(encoding="ascii").strip().partition("=")
        connection = await asyncpg.connect(url)
        assert (name, await connection.fetchval("SELECT current_user")) == ("DIBAO_DATABASE_URL", role)
        await connection.close()
    monkeypatch.setenv("DIBAO_DATABASE_URL", url_as(database, OPERATOR))
    result = await asyncio.to_thread(CliRunner().invoke, app, ["roles", "apply", "--out", str(out)])
    assert isinstance(result.exception, StackError) and "administrator" in str(result.exception)
    with pytest.raises(StackError, match="roles apply"):
        async with made_empty(database) as other:
            await upgrade_database(url_as(other, OPERATOR))


@asynccontextmanager
async def made_empty(database: str) -> AsyncIterator[str]:
    """Another database of the same server, without tables."""
    connection = await asyncpg.connect(database)
    name = f"empty_{uuid.uuid4().hex[:8]}"
    await connection.execute(f"CREATE DATABASE {name}")
    try:
        yield urlunsplit(urlsplit(database)._replace(path=f"/{name}"))
    finally:
        await connection.execute(f"DROP DATABASE {name}")
        await connection.close()


async def test_the_migrator_upgrades_what_the_administrator_began(database: str) -> None:
    await upgrade_database(database)
    await apply_roles(database)
    await upgrade_database(url_as(database, "dibao_migrator"))
    async with _as(database, INTAKE) as intake:
        with pytest.raises(RolesError, match="may not change roles"):
            await apply_roles(url_as(database, INTAKE))
        assert await intake.fetchval("SELECT count(*) FROM intake.receipt") == 0
    with pytest.raises(RolesError, match="no password"):
        await apply_roles("postgresql://dibao@127.0.0.1/dibao")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(url_as(database.replace("dibao:", "dibao:other"), INTAKE))
