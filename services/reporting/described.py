"""What the OpenAPI document says of answers beside their rows: refusals, and files."""

from typing import Any

from services.intake.problems import MEDIA_TYPE
from services.reporting.exports.answers import MEDIA_TYPES

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "a sentence"},
        "field": {"type": "string", "description": "which parameter was wrong"},
        "expected": {"type": "string", "description": "what was expected of it"},
    },
}
_REFUSALS = {
    401: "No key, or none that is good.",
    403: "The key does not reach so far.",
    404: "There is nothing of this name or number.",
    409: "The day is not closed, or the log is not read so far yet.",
    421: "The host name is not one of reporting's.",
    422: "A parameter is not what was expected.",
    503: "The projection or the database is not there now.",
}

REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"description": said, "content": {MEDIA_TYPE: {"schema": _PROBLEM}}}
    for status, said in _REFUSALS.items()
}
"""How any route may refuse: a problem document (RFC 9457)."""

_TYPES = {**MEDIA_TYPES, "csv": "text/csv", "stream": "text/event-stream"}


def file_of(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """Return what a route answers with that sends a file: its kind, or kinds."""
    content = {_TYPES[kind]: {"schema": {"type": "string", "format": "binary"}} for kind in kinds}
    return {200: {"description": "The file.", "content": content}}
