"""The code that fills a generation, as one digest: what facts are kept, and what rules say of them.

Comments, docstrings and layout do not count, nor do a rule's title and phrases. Where the digest of a
generation is another than that of the code that runs, facts may be missing in it, and findings be those of
other rules: it must be built again.
"""

import ast
from functools import cache
from hashlib import sha256
from pathlib import Path

_HERE = Path(__file__).parent
_WHAT_FILLS = ("facts", "subjects", "rules", "calendar.py", "policy.py", "names.py", "rows.py", "tables.py")


def fingerprint_of(files: list[Path], root: Path) -> str:
    """Return the digest of Python files, with their names: 128 bits in hex."""
    digest = sha256()
    for file in sorted(files):
        digest.update(file.relative_to(root).as_posix().encode() + b"\0")
        digest.update(_without_words(file.read_text(encoding="utf-8")).encode() + b"\0")
    return digest.hexdigest()[:32]


@cache
def fingerprint() -> str:
    """Return the fingerprint of the code that runs."""
    places = [_HERE / name for name in _WHAT_FILLS]
    files = [file for place in places for file in ([place] if place.is_file() else place.rglob("*.py"))]
    return fingerprint_of(files, _HERE)


_WORDS = frozenset({"title", "phrases", "requirements"})
"""What of a rule is words only: it is published in the catalogue, and no finding differs by it."""


def _without_words(source: str) -> str:
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_rule(node.func):
            node.keywords = [keyword for keyword in node.keywords if keyword.arg not in _WORDS]
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


def _is_rule(called: ast.expr) -> bool:
    named = called.value if isinstance(called, ast.Subscript) else called
    return isinstance(named, ast.Name) and named.id == "Rule"
