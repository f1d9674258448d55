"""Ports on 127.0.0.1: the fixed one, the one used last time, or a free one."""

import random
import socket
from collections.abc import Mapping

from deploy.local.errors import StackError

HOST = "127.0.0.1"

# Below the range that the kernel gives to outgoing connections: a client that retries while its server
# is down could otherwise be given the server's own port, connect to itself and keep the port busy.
FREE = range(18000, 32000)


def is_free(port: int) -> bool:
    """Whether a server could listen on the port of 127.0.0.1 now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As servers do: connections of a server that has just stopped do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def answers(host: str, port: int, timeout: float = 3.0) -> bool:
    """Whether something accepts connections there within the timeout (seconds)."""
    try:
        socket.create_connection((host, port), timeout).close()
    except OSError:
        return False
    return True


def choose(name: str, fixed: Mapping[str, int], remembered: Mapping[str, int]) -> int:
    """The fixed port of that name, else the remembered one while it is free, else a free one.

    Raises StackError when the fixed port is busy.
    """
    if name in fixed:
        if not is_free(fixed[name]):
            raise StackError(
                f"Port {fixed[name]} of {HOST}, fixed for {name} by DIBAO_{name.upper()}_PORT, is in use by "
                "another program: stop that program, or name another port, or unset the variable to get a "
                "free one."
            )
        return fixed[name]
    port = remembered.get(name)
    if port is not None and port not in fixed.values() and is_free(port):
        return port
    taken = {*fixed.values(), *remembered.values()}
    candidates = random.sample(FREE, 200)
    for port in candidates:
        if port not in taken and is_free(port):
            return port
    raise StackError(f"No free port between {FREE.start} and {FREE.stop} on {HOST} for {name}.")
