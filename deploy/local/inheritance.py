"""What a process inherits of the environment of whoever starts it, and how a later change of it is noticed.

Of the settings among it digests are kept, and never the values: some are secrets. A secret may be short, or
one of few, so that a plain digest would tell it; hence they are keyed, with a key that lies with the stack's
data.
"""

import hmac
import os
import re
from collections.abc import Collection, Mapping
from hashlib import sha256
from pathlib import Path

# What a process needs of the environment of whoever starts it; nothing else of it is handed on.
_ANYBODYS = re.compile(
    r"PATH|HOME|USER|LOGNAME|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|SSL_CERT_(?:FILE|DIR)|JDK_JAVA_OPTIONS"
)
_OURS = re.compile(r"PYTHON\w+|JAVA_HOME")
_SETTINGS = re.compile(r"DIBAO_\w+|OTEL_\w+")
_OF_COMMANDS = re.compile(r"DIBAO_OPERATOR_KEY(?:_FILE)?|DIBAO_KEY|DIBAO_(?:DATABASE_)?URL_\w+")
"""Settings that only the command line reads; secrets among them."""


def _is_setting(name: str) -> bool:
    return _SETTINGS.fullmatch(name) is not None and _OF_COMMANDS.fullmatch(name) is None


def handed_on(ours: bool, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment that a process begins with; `ours`: one of our own programs, which has settings."""
    return {
        name: value
        for name, value in environment.items()
        if _ANYBODYS.fullmatch(name) or (ours and (_OURS.fullmatch(name) or _is_setting(name)))
    }


def digests(
    root: Path, given: Collection[str], environment: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """The digest of each setting that a process of ours inherits, by its name: 128 bits in hex.

    `root` is the folder of the stack, `given` names what the process is given in place of what it inherits.
    """
    key = _key(root / "data" / "settings.key")
    return {
        name: hmac.new(key, f"{name}={value}".encode(errors="surrogateescape"), sha256).hexdigest()[:32]
        for name, value in environment.items()
        if name not in given and _is_setting(name)
    }


def _key(file: Path) -> bytes:
    """The key of a stack's digests, made where there is none: with it what runs counts as changed."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        partial = file.with_name(f"{file.name}.{os.getpid()}.partial")
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as opened:
            opened.write(os.urandom(32))
        partial.replace(file)
        return file.read_bytes()
