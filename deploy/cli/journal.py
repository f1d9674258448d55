"""``dibao journal | prove | verify | witness``: what the journal has, and what it proves."""

import json
import sys
import time
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import typer

from deploy.cli.database import ask_database
from deploy.cli.output import Format, FormatOption, console, fail, in_a_folder, show
from deploy.cli.telling import Bar, say, telling
from deploy.deployment import current, run
from deploy.local import StackSettings, up
from events.envelope import event_id_of
from services.journal.checkpoint import Checkpoint, opened
from services.journal.keeping import load_signer, make_signer, trees
from services.journal.merkle import ProofError
from services.journal.note import Key, Kind, Note, NoteError
from services.journal.proof import Consistency, Inclusion, parse
from services.journal.restoring import RestoreError
from services.journal.restoring import restore as restore_log
from services.journal.tree import JournalError, Tree
from services.platform.database import Connection, Pool
from services.platform.settings import Settings
from services.reporting.filters import WrongQuestionError
from services.reporting.quarterly.keeping import frozen
from services.reporting.quarterly.quarters import AlteredError, which
from services.reporting.reading import NotThereError, reading

app = typer.Typer(
    no_args_is_help=True, help="The journal: what it has, its key, and the log written anew from it."
)

KeyOption = Annotated[
    str | None,
    typer.Option("--journal-key", help="The journal's public key; by default that of its key file."),
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", help="File to write into; else it is printed.", callback=in_a_folder),
]

_PLACE = 'SELECT topic, partition, "offset" FROM fact WHERE event_id = $1 ORDER BY topic, partition, "offset"'


def register(root: typer.Typer) -> None:
    """Hang these commands into the root."""
    root.add_typer(app, name="journal")
    root.command("prove")(prove)
    root.command("verify")(verify)
    root.command("witness")(witness)


def key_of(said: str | None) -> Key:
    """Return the journal's public key: what was said, or that of its key file."""
    try:
        return Key.parse(said) if said else load_signer(_settings().journal_key_file).key
    except NoteError as error:
        raise fail(f"{error}.", 2) from None


def _settings() -> Settings:
    return current().settings


def _trees(key: Key) -> list[Tree]:
    try:
        return trees(_settings(), key)
    except JournalError as error:
        raise fail(f"{error}.") from None


def _tree(key: Key, topic: str, partition: int) -> Tree:
    for tree in _trees(key):
        if (tree.topic, tree.partition) == (topic, partition):
            return tree
    raise fail(f"The journal has nothing of {topic}, partition {partition}.")


def _put(said: Any, out: Path | None) -> None:
    text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False, indent=1) + "\n"
    if out is None:
        sys.stdout.write(text)
    else:
        out.write_text(text, encoding="utf-8")
        console.print(f"Written: {out}", soft_wrap=True)


@app.command("status")
def status(journal_key: KeyOption = None, form: FormatOption = Format.table) -> None:
    """Show how many records the journal has of each partition, and the root over them."""
    rows = [
        {
            "topic": tree.topic,
            "partition": tree.partition,
            "size": tree.size,
            "root": tree.checkpoint.root.hex(),
        }
        for tree in _trees(key_of(journal_key))
    ]
    columns = [("topic", "主题"), ("partition", "分区"), ("size", "记录数"), ("root", "根值")]
    show(rows, form, columns=columns, title="存档", numbers={"size"})


@app.command("key")
def key() -> None:
    """Print the journal's public key: whoever checks a proof or a checkpoint is given it once."""
    sys.stdout.write(f"{key_of(None)}\n")


@app.command("checkpoint")
def checkpoint(
    topic: Annotated[str, typer.Argument(help="The topic, such as dibao.payments.")],
    partition: Annotated[int, typer.Argument(min=0)],
    out: OutOption = None,
    journal_key: KeyOption = None,
) -> None:
    """Print the signed checkpoint of a partition, to be kept, or witnessed by a second office."""
    _put(_tree(key_of(journal_key), topic, partition).note, out)


@app.command("restore")
def restore(journal_key: KeyOption = None) -> None:
    """Write the log anew from the journal, into a Kafka that has no records: the same, at the same offsets.

    Nothing else may write to that Kafka meanwhile: stop every service first. Of our own Kafka, whose
    data are gone, new ones are made.
    """
    stack = StackSettings.from_environment()
    if stack.kafka is None:
        with telling() as tell:
            up(stack, tell, anew=True)
    found = _trees(key_of(journal_key))
    try:
        with Bar() as bar:
            task = bar.add_task("restoring the log", total=None)
            count = run(
                restore_log(
                    _settings(), found, lambda done, total: bar.update(task, completed=done, total=total)
                )
            )
    except (RestoreError, JournalError) as error:
        raise fail(f"{error}.") from None
    console.print(
        f"{count:,} records are on the log again, in {len(found)} partitions. `dibao recover` makes "
        "PostgreSQL and this Kafka one.",
        soft_wrap=True,
    )


def prove(
    fact: Annotated[
        str | None, typer.Argument(help="A fact's event id; or, with --source, its id at that source.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="The source that stated it.")] = None,
    older: Annotated[
        Path | None,
        typer.Option(
            "--from", exists=True, dir_okay=False, help="Instead: a checkpoint that was kept earlier."
        ),
    ] = None,
    out: OutOption = None,
    journal_key: KeyOption = None,
) -> None:
    """Prove that a fact is on record, or that the journal goes on from an earlier checkpoint (JSON)."""
    if (fact is None) == (older is None):
        raise fail("Name either a fact or, with --from, an earlier checkpoint.", 2)
    key = key_of(journal_key)
    try:
        if older is not None:
            note = older.read_text(encoding="utf-8")
            _put(_tree(key, *opened(note, key).place).consistency(note).json(), out)
            return
        assert fact is not None
        topic, partition, offset = _place(event_id_of(source, fact) if source else _event_id(fact))
        tree = _tree(key, topic, partition)
        index = tree.index_of(offset)
        if index is None:
            raise fail(
                f"The fact stands at offset {offset} of {topic}, partition {partition}, which the journal "
                "has not (yet): `dibao status` says whether the service `journal` runs."
            )
        _put(tree.inclusion(index).json(), out)
    except (JournalError, NoteError) as error:
        raise fail(f"{error}.") from None


def _event_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise fail(f"{text} is no event id; with --source it may be a fact's id there.", 2) from None


def _place(event_id: UUID) -> tuple[str, int, int]:
    async def ask(connection: Connection) -> Any:
        return await connection.fetchrow(_PLACE, event_id)

    async def work(pool: asyncpg.Pool) -> Any:
        return await reading(pool, ask)

    try:
        row = ask_database(work)
    except NotThereError as error:
        raise fail(str(error)) from None
    if row is None:
        raise fail(f"There is no fact {event_id} (yet).")
    return row["topic"], row["partition"], row["offset"]


def verify(
    proof: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Only this proof is checked; it needs no server."),
    ] = None,
    older: Annotated[
        Path | None,
        typer.Option("--from", exists=True, dir_okay=False, help="A checkpoint that was kept earlier."),
    ] = None,
    quarter: Annotated[
        str | None, typer.Option(help="A quarter of Annex 2 that was frozen, such as 2021Q3.")
    ] = None,
    programme: Annotated[str, typer.Option(help="Of which programme the quarter is.")] = "rural_dibao",
    journal_key: KeyOption = None,
    form: FormatOption = Format.table,
) -> None:
    """Compare Kafka, the journal and the facts, record by record, and name the first place that differs.

    With --from the journal must also go on from that checkpoint; with --quarter from all that it names.
    """
    key = key_of(journal_key)
    try:
        if proof is not None:
            _check(proof, key)
            return
        if older is not None:
            note = older.read_text(encoding="utf-8")
            before, now = _tree(key, *opened(note, key).place).consistency(note).check(key)
            console.print(f"{now.origin}: {now.size:,} records go on from the {before.size:,} of before.")
        if quarter is not None:
            _verify_quarter(quarter, programme, key)
        _verify_all(key, form)
    except (JournalError, NoteError, ProofError, NotThereError, AlteredError, WrongQuestionError) as error:
        raise fail(f"{str(error).rstrip('.')}.") from None


def _check(file: Path, key: Key) -> None:
    try:
        said = parse(json.loads(file.read_text(encoding="utf-8")))
    except ValueError as error:
        raise ProofError(f"{file} is no JSON: {error}") from None
    if isinstance(said, Inclusion):
        checkpoint = said.check(key)
        console.print(
            f"Proved: the record at {said.entry.place} is number {said.index + 1:,} of the "
            f"{checkpoint.size:,} of {checkpoint.origin}.",
            soft_wrap=True,
        )
    else:
        before, now = said.check(key)
        console.print(
            f"Proved: {now.origin} with {now.size:,} records goes on from its first {before.size:,}.",
            soft_wrap=True,
        )


def _verify_quarter(quarter: str, programme: str, key: Key) -> None:
    kept = ask_database(lambda pool: frozen(pool, which(quarter), programme))
    if not kept.checkpoints:
        raise JournalError(f"{kept.name} was frozen without the journal: it names no checkpoint")
    records = 0
    for note in kept.checkpoints.values():
        before, _ = _tree(key, *opened(note, key).place).consistency(note).check(key)
        records += before.size
    console.print(
        f"{kept.name}: the journal goes on from all {len(kept.checkpoints)} checkpoints that it names, "
        f"{records:,} records.",
        soft_wrap=True,
    )


def _verify_all(key: Key, form: Format) -> None:
    # Whoever checks a proof needs none of it.
    from deploy.verifying import Verified
    from deploy.verifying import verify as verify_all

    found = _trees(key)
    tell = say if form is Format.table else lambda _: None

    async def work(pool: Pool) -> list[Verified]:
        return await verify_all(_settings(), pool, found, tell)

    rows: list[dict[str, Any]] = [
        {
            "topic": each.topic,
            "partition": each.partition,
            "kafka": each.kafka,
            "journal": each.journal,
            "facts": each.facts,
            "root": each.root.hex(),
        }
        for each in ask_database(work)
    ]
    columns = [
        ("topic", "主题"),
        ("partition", "分区"),
        ("kafka", "日志"),
        ("journal", "存档"),
        ("facts", "事实"),
    ]
    show(rows, form, columns=columns, title="核对", numbers={"kafka", "journal", "facts"})
    if form is Format.table:
        total = sum(row["journal"] for row in rows)
        console.print(f"Kafka, the journal and the facts agree in all {total:,} records of the journal.")


def witness(
    checkpoint: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="The checkpoint; the line is added to it.")
    ],
    key: Annotated[Path, typer.Option("--key", help="The second office's own private key.")],
    name: Annotated[
        str | None, typer.Option(help="The office's name, such as audit.example.cn: makes the key.")
    ] = None,
    proof: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="What `dibao prove --from` says of the one that it signed before.",
        ),
    ] = None,
    journal_key: KeyOption = None,
) -> None:
    """Countersign a checkpoint as a second office: it has seen this state, and it goes on from the last.

    What it has signed is remembered beside its key: a later one needs the proof that it goes on from that.
    """
    journal, seen = key_of(journal_key), key.with_suffix(".seen.json")
    try:
        signer = (
            load_signer(key, Kind.COSIGNATURE) if name is None else make_signer(key, name, Kind.COSIGNATURE)
        )
        content = checkpoint.read_text(encoding="utf-8")
        signed = json.loads(seen.read_text(encoding="utf-8")) if seen.exists() else {}
        now = opened(content, journal)
        before = signed.get(now.origin)
        if before is not None and opened(before, journal) != now:
            _check_goes_on(proof, opened(before, journal), now, journal)
    except (NoteError, ProofError) as error:
        raise fail(f"{error}.") from None
    line = signer.line(Note.parse(content).text, int(time.time()))
    signed[now.origin] = content
    # Remembered first: what is signed and not remembered could be contradicted.
    seen.write_text(json.dumps(signed, indent=1) + "\n", encoding="utf-8")
    checkpoint.write_text(content + line, encoding="utf-8")
    console.print(f"Countersigned by {signer.key}: {now.origin}, {now.size:,} records.", soft_wrap=True)


def _check_goes_on(proof: Path | None, before: Checkpoint, now: Checkpoint, journal: Key) -> None:
    if proof is None:
        raise ProofError(
            f"this office has signed {before.size:,} records of {now.origin}: name with --proof what "
            "`dibao prove --from` says of that checkpoint"
        )
    said = parse(json.loads(proof.read_text(encoding="utf-8")))
    if not isinstance(said, Consistency) or said.check(journal) != (before, now):
        raise ProofError("the proof does not lead from the checkpoint that was signed before to this one")
