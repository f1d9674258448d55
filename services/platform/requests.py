"""HTTP requests, timed and followed by the route that answers them and never by what they name."""

from contextlib import AbstractContextManager, nullcontext
from time import perf_counter
from typing import Any

from services.platform import metrics, tracing

_OTHER = "other"


class Timed:
    """A web application, whose requests are counted and timed (ASGI)."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request, or whatever else the server asks for."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500

        async def noting(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        began = perf_counter()
        with _followed(scope) as asked:
            try:
                await self._app(scope, receive, noting)
            finally:
                (service, route), method = _route(scope), _method(scope)
                metrics.REQUESTS.labels(service, method, route, status).observe(perf_counter() - began)
                asked.call(f"{method} {route}")
                asked.note(
                    {
                        "http.request.method": method,
                        "http.route": route,
                        "http.response.status_code": status,
                        "dibao.service": service,
                    }
                )


def _followed(scope: Any) -> AbstractContextManager[tracing.Span]:
    if not tracing.on() or scope["path"].endswith("/health"):
        return nullcontext(tracing.UNFOLLOWED)
    sent = tracing.sent_by([(name.decode("latin-1"), value) for name, value in scope["headers"]], "ce-")
    return tracing.request("request", sent)


def _route(scope: Any) -> tuple[str, str]:
    """Return the service that answered, and its route as it is declared; a path names things and people."""
    route = getattr(scope.get("route"), "path", _OTHER)
    return scope.get("root_path", "").strip("/") or "-", route


def _method(scope: Any) -> str:
    method = str(scope["method"])
    return method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else _OTHER
