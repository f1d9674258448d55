"""The one shape of an answer that refuses: a problem document (RFC 9457)."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import Response

from services.platform.intake.answers import Fault

MEDIA_TYPE = "application/problem+json"


def problem(
    status: int,
    faults: Sequence[Fault],
    *,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> Response:
    """Return the answer that refuses a request: every fault, and in ``detail`` all of them for a clerk."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": "；".join(f"{fault.field}：{fault.sentence.chinese}" for fault in faults),
        "errors": [fault.as_json() for fault in faults],
        **(more or {}),
    }
    return Response(orjson.dumps(body), status, dict(headers or {}), MEDIA_TYPE)
