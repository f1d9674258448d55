"""The description of a context's intake for programs (OpenAPI), and for people a page that shows it.

The page loads nothing from another host: Swagger UI stands in a package of ours.
"""

import json
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response

FOLDER = Path(__file__).parents[2] / "docs" / "contract" / "openapi"
"""Where the contract's documents stand: `dibao contract export` writes them."""

_MODULE = "fastapi_offline"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Swagger UI writes styles into what it shows; nothing else needs leave."""
_HEADERS = {"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff"}
_FILES = {
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
    "favicon.png": "image/png",
}
_START = """\
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  validatorUrl: null,
});
"""
_PAGE = """\
<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>dibao {title}</title>
{head}
{body}
</html>
"""


def serve_reference(app: FastAPI, context: str) -> None:
    """Add a context's document and the page that shows it."""

    @app.get("/openapi.json")
    async def description(request: Request) -> Response:
        base = request.scope.get("root_path", "")
        document = {**_document(context), "servers": [{"url": base or "/"}]}
        return Response(orjson.dumps(document), media_type="application/json")

    @app.get("/docs")
    async def page(request: Request) -> Response:
        base = escape(request.scope.get("root_path", ""))
        head = "\n".join(
            [
                f'<link rel="stylesheet" href="{base}/docs/swagger-ui.css">',
                f'<link rel="icon" href="{base}/docs/favicon.png">',
            ]
        )
        body = "\n".join(
            [
                '<div id="reference"></div>',
                f'<script src="{base}/docs/swagger-ui-bundle.js"></script>',
                f'<script src="{base}/docs/start.js"></script>',
            ]
        )
        return _html(context, head, body)

    @app.get("/docs/start.js")
    async def start() -> Response:
        return Response(_START, headers=_HEADERS, media_type="text/javascript; charset=utf-8")

    for name in _FILES:
        app.add_api_route(f"/docs/{name}", _serve(name), methods=["GET"])


def serve_index(app: FastAPI, titles: Mapping[str, str]) -> None:
    """Add the page of a process of several contexts: where each has its own."""

    @app.get("/docs")
    async def page() -> Response:
        items = "\n".join(
            f'<li><a href="/{context}/docs">{escape(title)} {context}</a></li>'
            for context, title in titles.items()
        )
        return _html("", "", f"<ul>\n{items}\n</ul>")


def _serve(name: str) -> Any:
    async def file() -> Response:
        headers = {**_HEADERS, "Cache-Control": "max-age=86400"}
        return Response(_content(name), headers=headers, media_type=_FILES[name])

    return file


def _html(title: str, head: str, body: str) -> Response:
    text = _PAGE.format(title=escape(title), head=head, body=body)
    return Response(text, headers=_HEADERS, media_type="text/html; charset=utf-8")


@cache
def _content(name: str) -> bytes:
    return (files(_MODULE) / "static" / name).read_bytes()


@cache
def _document(context: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((FOLDER / f"{context}.json").read_text(encoding="utf-8"))
    return document
