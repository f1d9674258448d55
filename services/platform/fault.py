"""Named points at which a process kills itself: how crash tests stop it exactly where it hurts."""

import os
import signal


class Fault:
    """``point`` or ``point:n``: at the n-th passage of that point the process dies as by ``kill -9``."""

    def __init__(self, spec: str = "") -> None:
        name, _, count = spec.partition(":")
        self._name = name
        self._left = int(count or "1")

    def here(self, point: str) -> None:
        """Die, if this is the point and the passage that the process was told to die at."""
        if point != self._name:
            return
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
