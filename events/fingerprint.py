"""Code as a digest: what derived from the log knows by it which code has filled it.

Comments, docstrings and layout do not count, nor does what a declaration only shows. Where the digest of a
generation is another than that of the code that runs, it must be built again.
"""

import ast
from collections.abc import Iterable, Mapping, Set
from hashlib import sha256
from pathlib import Path

Shown = Mapping[str, Set[str]]
"""By the name of what is called to declare something: the keywords by which it is only shown."""


def fingerprint_of(files: Iterable[Path], root: Path, shown: Shown) -> str:
    """Return the digest of Python and SQL files, with their names: 128 bits in hex."""
    digest = sha256()
    for file in sorted(files):
        source = file.read_text(encoding="utf-8")
        digest.update(file.relative_to(root).as_posix().encode() + b"\0")
        digest.update((sql(source) if file.suffix == ".sql" else _python(source, shown)).encode() + b"\0")
    return digest.hexdigest()[:32]


def sql(script: str) -> str:
    """Return an SQL script without layout and without the lines that are comments."""
    lines = (line for line in script.splitlines() if not line.lstrip().startswith("--"))
    return " ".join(" ".join(lines).split())


def _python(source: str, shown: Shown) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            left_out = shown.get(_name_of(node.func), frozenset())
            node.keywords = [keyword for keyword in node.keywords if keyword.arg not in left_out]
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [one for one in body if not _is_text(one)] or [ast.Pass()]  # type: ignore[attr-defined]
    return ast.unparse(tree)


def _is_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _name_of(called: ast.expr) -> str:
    named = called.value if isinstance(called, ast.Subscript) else called
    return named.id if isinstance(named, ast.Name) else ""
