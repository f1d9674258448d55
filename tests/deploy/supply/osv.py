"""A service that speaks OSV, on this machine, and does as a test wants."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from deploy.supply.audit import CANARIES

EVERYBODY_KNOWS = {purl: [f"GHSA-canary-{kind}"] for kind, purl in CANARIES.items()}


class Osv:
    """``known``: ids of advisories by purl; ``told``: what is said of one; ``page``: the most ids at once."""

    def __init__(self, known: Mapping[str, list[str]], told: Mapping[str, Any] | None = None) -> None:
        self.known = known
        self.told = told or {}
        self.page = 1000
        self.leaves_out = 0
        self.says: bytes | None = None
        self.asked: list[str] = []
        self.url = ""

    def results(self, queries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for query in queries:
            purl, start = query["package"]["purl"], int(query.get("page_token", 0))
            self.asked.append(purl)
            ids = self.known.get(purl, [])
            answer: dict[str, Any] = {}
            if some := ids[start : start + self.page]:
                answer["vulns"] = [{"id": each} for each in some]
            if start + self.page < len(ids):
                answer["next_page_token"] = str(start + self.page)
            found.append(answer)
        return found[: len(found) - self.leaves_out]


@contextmanager
def serving(osv: Osv) -> Iterator[Osv]:
    """Answer on a port of this machine until the test is done."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            assert self.path == "/v1/querybatch"
            self._say({"results": osv.results(body["queries"])})

        def do_GET(self) -> None:
            name = self.path.rpartition("/")[2]
            self._say({"id": name, **osv.told.get(name, {})})

        def _say(self, answer: object) -> None:
            content = json.dumps(answer).encode() if osv.says is None else osv.says
            self.send_response(200)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        osv.url = f"http://127.0.0.1:{server.server_port}"
        yield osv
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
