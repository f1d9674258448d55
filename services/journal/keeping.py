"""The journal as a whole: its folder, its key, and the tree of each partition."""

import fcntl
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.journal.disk import write_all
from services.journal.note import Key, Kind, NoteError, Signer
from services.journal.tiles import CHECKPOINT
from services.journal.tree import JournalError, Tree, WritableTree
from services.platform.failure import PipelineStoppedError
from services.platform.keys import KeyFileError, keep_secret
from services.platform.settings import Settings

NAME = "dibao.journal"
"""The name that checkpoints are signed with."""

_LOCK = ".lock"


def load_signer(file: Path, kind: Kind = Kind.NOTE) -> Signer:
    """Return the private key in a file. Raises KeyFileError."""
    try:
        signer = Signer.parse(file.read_text(encoding="ascii"))
    except FileNotFoundError:
        raise KeyFileError(
            f"there is no key at {file}: restore it from its backup, or, where none was ever made, let the "
            "service `journal` make one"
        ) from None
    except (NoteError, UnicodeDecodeError) as error:
        raise KeyFileError(f"the key at {file} cannot be used: {error}") from None
    if signer.key.kind is not kind:
        raise KeyFileError(f"the key at {file} is made for something else")
    return signer


def make_signer(file: Path, name: str = NAME, kind: Kind = Kind.NOTE) -> Signer:
    """Make a private key in a file that its owner alone can read, unless it is there; return it."""
    if not file.exists():
        keep_secret(file, str(Signer.of(name, kind, secrets.token_bytes(32))))
    return load_signer(file, kind)


def renew_key(settings: Settings) -> tuple[Key, Key, Path]:
    """Give the journal a new key; return the former, the new one, and the folder of what both have signed.

    What was interrupted is begun again. Raises PipelineStoppedError where the service runs, KeyFileError, and
    JournalError where a tree is not as it was written.
    """
    with kept(settings) as former:
        signer = Signer.of(NAME, Kind.NOTE, secrets.token_bytes(32))
        folder = settings.journal / "handed-over" / f"{former.key.id.hex()}-{signer.key.id.hex()}"
        for topic, partition in places(settings.journal):
            tree = Tree(folder_of(settings.journal, topic, partition), topic, partition, former.key)
            note = (tree.note + signer.line(tree.checkpoint.text)).encode()
            write_all(folder, {f"{topic}-{partition}": note})
            write_all(tree.folder, {CHECKPOINT: note})
        keep_secret(settings.journal_key_file, str(signer), anew=True)
        return former.key, signer.key, folder


def folder_of(journal: Path, topic: str, partition: int) -> Path:
    """Return the folder of a partition's tree."""
    return journal / topic / str(partition)


def places(journal: Path) -> list[tuple[str, int]]:
    """Return the topics and partitions that a journal has trees of."""
    return sorted(
        (file.parent.parent.name, int(file.parent.name))
        for file in journal.glob(f"*/*/{CHECKPOINT}")
        if file.parent.name.isdecimal()
    )


def trees(settings: Settings, key: Key) -> list[Tree]:
    """Return the trees of the journal, for a reader. Raises JournalError."""
    found = [
        Tree(folder_of(settings.journal, *place), *place, key)
        for place in places(settings.journal)
        if place[0].startswith(f"{settings.topic_prefix}.")
    ]
    if not found:
        raise JournalError(
            f"there is no journal in {settings.journal}: DIBAO_JOURNAL names its folder, and the service "
            "`journal` keeps it"
        )
    return found


@contextmanager
def kept(settings: Settings) -> Iterator[Signer]:
    """Hold the journal for the one process that may write to it, and give its key; the first one makes it.

    Raises PipelineStoppedError where another process has it, KeyFileError where a journal has lost its key.
    """
    settings.journal.mkdir(parents=True, exist_ok=True, mode=0o750)
    with (settings.journal / _LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise PipelineStoppedError(
                f"Another process writes to the journal in {settings.journal}: there is one of each journal."
            ) from None
        if places(settings.journal):
            yield load_signer(settings.journal_key_file)
        else:
            yield make_signer(settings.journal_key_file)


def writable(settings: Settings, topic: str, partition: int, signer: Signer) -> WritableTree:
    """Return the tree of a partition, to add to; a new one where there is none.

    Raises PipelineStoppedError where it is not as it was written.
    """
    try:
        return WritableTree(folder_of(settings.journal, topic, partition), topic, partition, signer)
    except JournalError as error:
        raise PipelineStoppedError(
            f"The journal was changed: {error}. Nothing is added to it: put it back from its backup, or put "
            "it aside, and a new one is made of the log that there is."
        ) from None
