"""``dibao backup | restore | recover``: what only PostgreSQL has in a file, and made one with the log."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from deploy import backup as backups
from deploy import recovering
from deploy.backup import BackupError, Manifest
from deploy.cli.output import console, fail, in_a_folder, plain
from deploy.cli.rebuilding import progress_of
from deploy.cli.roles import bring_up
from deploy.cli.telling import telling
from deploy.deployment import Deployment, current, run
from deploy.local import StackSettings, up
from deploy.migrations.roles import RolesError, url_of
from deploy.recovering import Recovered, RecoveryError
from services.platform.failure import PipelineStoppedError
from services.platform.keys import KeyFileError
from services.platform.settings import Settings

LostOption = Annotated[
    Path | None,
    typer.Option(
        "--lost",
        help="File for the facts that are to be handed over again, one a line.",
        callback=in_a_folder,
    ),
]
WithoutOption = Annotated[
    bool,
    typer.Option(
        "--master-key-lost",
        help="The master key is lost for ever: what is sealed stays unreadable, and intake does not start.",
    ),
]


def register(app: typer.Typer) -> None:
    """Hang these commands into the root."""
    app.command("backup")(backup)
    app.command("restore")(restore)
    app.command("recover")(recover)


def backup(
    out: Annotated[
        Path | None, typer.Argument(help="The file to write; by default dibao-TIME.backup here.")
    ] = None,
    check: Annotated[
        Path | None,
        typer.Option(
            "--check", exists=True, dir_okay=False, help="Instead: say whether this backup is whole."
        ),
    ] = None,
) -> None:
    """Keep in one file what only PostgreSQL has: the vault, intake's memory, keys' hashes, decisions, alerts.

    Everything goes on meanwhile. No key is in it, but with the master key it opens what is sealed. Of a
    database elsewhere DIBAO_DATABASE_URL names the administrator.
    """
    try:
        if check is not None:
            _say(check, backups.verify(check))
            return
        deployment = current()
        file = out or Path(f"dibao-{datetime.now(UTC):%Y-%m-%dT%H%M%SZ}.backup")
        if not file.parent.is_dir():
            raise fail(f"There is no folder {file.parent} to write {file.name} into.", 2)
        _say(file, run(backups.make(deployment.settings, _administrator(deployment), file)))
    except (BackupError, KeyFileError) as error:
        raise fail(f"{error}.") from None


def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What `dibao backup` wrote.")],
    lost: LostOption = None,
    master_key_lost: WithoutOption = False,
) -> None:
    """Put a backup into a new, empty PostgreSQL, and make ledgers and findings anew from the log.

    Of this checkout's own PostgreSQL, whose data are gone, new ones are made. No process of ours may run.
    """

    def load(deployment: Deployment, owner: str) -> Manifest:
        backups.check_keys(backups.verify(file), deployment.settings, without_master_key=master_key_lost)
        console.print(f"Putting back {file}")
        manifest = run(backups.load(file, owner))
        bring_up(owner)
        return manifest

    _recover(load, lost, without_master_key=master_key_lost)


def recover(lost: LostOption = None, master_key_lost: WithoutOption = False) -> None:
    """After PostgreSQL or Kafka was put back by other means: make them one again, and say what is lost.

    As after `pg_basebackup` with archived WAL, or after `dibao journal restore`. No process of ours may run.
    """
    _recover(None, lost, without_master_key=master_key_lost)


def _recover(
    load: Callable[[Deployment, str], Manifest] | None, lost: Path | None, *, without_master_key: bool
) -> None:
    stack = StackSettings.from_environment()
    if stack.kafka is None or stack.database_url is None:
        with telling() as tell:
            up(stack, tell, anew=load is not None)
    deployment = current()
    owner = _administrator(deployment)

    def settings_of(service: str) -> Settings:
        return deployment.settings.model_copy(update={"database_url": url_of(owner, service)})

    try:
        manifest = load(deployment, owner) if load is not None else None
        since = None
        if manifest is not None:
            since = {
                (topic, int(partition)): end
                for topic, partitions in manifest.ends.items()
                for partition, end in partitions.items()
            }
        done = run(
            recovering.recover(settings_of, owner, progress_of, since, without_master_key=without_master_key)
        )
    except (BackupError, RecoveryError, RolesError, KeyFileError, PipelineStoppedError) as error:
        raise fail(f"{str(error).rstrip('.')}.") from None
    if lost is not None:
        lines = [json.dumps(plain(asdict(one)), ensure_ascii=False) + "\n" for one in done.lost]
        lost.write_text("".join(lines), encoding="utf-8")
    _tell(done, manifest, lost)


def _tell(done: Recovered, manifest: Manifest | None, lost: Path | None) -> None:
    def say(sentence: str) -> None:
        console.print(sentence, soft_wrap=True)

    if done.other_kafka:
        say("PostgreSQL goes on with another Kafka than the one that it knew.")
    if done.renamed:
        say(f"{len(done.renamed)} topics stand as they were, under ids of their own.")
    if done.erased_again:
        say(f"{done.erased_again} erased salts came back with the backup, and are destroyed again.")
    say(f"{done.ledgers:,} facts are in the ledgers, and {done.findings:,} anomalies are open.")
    where = (
        f"came after the backup of {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC" if manifest else "are new to it"
    )
    say(f"{done.looked_at:,} facts of the log {where}.")
    if done.missing:
        say(
            f"{done.missing:,} records that PostgreSQL remembers are not on the log: Kafka has lost its end. "
            "Intake says of which facts, once it runs."
        )
    if done.lost:
        say(
            f"Of {len(done.lost):,} of them names, numbers or texts are lost, as the vault had their salts "
            "after its backup; all else of these facts counts. They are readable again once their sources "
            "hand them over again:"
        )
        for source, count in sorted(done.lost_by_source.items()):
            say(f"  {source}: {count:,}")
        say(f"Each is in {lost}." if lost is not None else "--lost FILE names each of them.")
    say("Start the processes: `dibao up`, or as they are started elsewhere.")


def _say(file: Path, manifest: Manifest) -> None:
    rows = sum(table.rows for table in manifest.tables.values())
    records = sum(end for partitions in manifest.ends.values() for end in partitions.values())
    salts = manifest.tables["vault.salt"].rows
    console.print(
        f"{file}: {rows:,} rows of {len(manifest.tables)} tables, {salts:,} salts among them: those of all "
        f"{records:,} records that were on the log. Made {manifest.made_at:%Y-%m-%d %H:%M:%S} UTC.",
        soft_wrap=True,
    )


def _administrator(deployment: Deployment) -> str:
    return deployment.administrator or deployment.settings.database_url
