"""The plain YAML that we allow ourselves: mappings, lists, scalars and flow lists, by indentation of two.

Stricter than any YAML library, so what it takes they take: docker-compose.yml is read by it
without another dependency.
"""

import json
import re
from typing import Any

_KEY = re.compile(r"([A-Za-z_][A-Za-z0-9_.-]*):(?: +(.+))?")
_COMMENT = re.compile(r"\s+#.*$")


def read(text: str) -> Any:
    """Return the document. Raises ValueError, naming the line, where it is not plain YAML."""
    lines: list[tuple[int, int, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        content = line.strip()
        if not content or content.startswith("#"):
            continue
        indent = len(line) - len(line.lstrip(" "))
        if "\t" in line or indent % 2:
            raise ValueError(f"line {number}: indented by something else than pairs of blanks")
        lines.append((number, indent, _COMMENT.sub("", content)))
    value, left = _block(lines, 0)
    if left:
        raise ValueError(f"line {left[0][0]}: indented by more or less than what stands above it")
    return value


def _block(lines: list[tuple[int, int, str]], indent: int) -> tuple[Any, list[tuple[int, int, str]]]:
    if lines and lines[0][2].startswith("["):
        return _scalar(*lines[0][::2]), lines[1:]
    items: list[Any] = []
    mapping: dict[str, Any] = {}
    while lines and lines[0][1] == indent:
        number, _, content = lines.pop(0)
        if content.startswith("- "):
            items.append(_scalar(number, content[2:].strip()))
            continue
        match = _KEY.fullmatch(content)
        if match is None:
            raise ValueError(f"line {number}: neither a key nor an item")
        key, value = match[1], match[2]
        if key in mapping:
            raise ValueError(f"line {number}: {key} stands twice")
        if value is not None:
            mapping[key] = _scalar(number, value)
        elif lines and lines[0][1] > indent:
            mapping[key], lines = _block(lines, lines[0][1])
        else:
            mapping[key] = None
    if items and mapping:
        raise ValueError("a list and a mapping in one place")
    return items or mapping, lines


def _scalar(number: int, text: str) -> Any:
    if text[0] in '"[':
        try:
            return json.loads(text)
        except ValueError:
            raise ValueError(f"line {number}: not quoted as JSON would be") from None
    if text[0] in "{&*!|>%@`'" or ": " in text or text.endswith(":"):
        raise ValueError(f"line {number}: not plain")
    return text
