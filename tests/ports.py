"""Ports for the servers of tests, which no test beside them and no outgoing connection takes meanwhile."""

import os
import socket

_FIRST, _EACH, _LAST = 61_000, 400, 65_400
"""Above the ports that Linux gives outgoing connections, so many for each process of pytest-xdist."""

_given = 0


def free_port() -> int:
    """Return a port that nobody listens on, and that is not given out again soon."""
    global _given
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    # Without workers, the last of the shares: a run beside a parallel one has ports of its own.
    first = min(_FIRST + int(worker) * _EACH, _LAST - 2 * _EACH) if worker else _LAST - _EACH
    for _ in range(_EACH):
        port = first + _given % _EACH
        _given += 1
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise OSError(f"nothing is free between {first} and {first + _EACH}")
