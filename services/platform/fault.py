"""Named points at which a process kills or freezes itself: how crash tests stop it exactly where it hurts."""

import os
import signal

_FREEZE = "freeze@"


class Fault:
    """``point`` or ``point:n``: at the n-th passage of that point the process dies as by ``kill -9``.

    ``freeze@point:n``: there it stops as by SIGSTOP, until somebody sends SIGCONT: a worker that is believed
    dead, and comes back with a batch in its hands.
    """

    def __init__(self, spec: str = "") -> None:
        name, _, count = spec.removeprefix(_FREEZE).partition(":")
        self._signal = signal.SIGSTOP if spec.startswith(_FREEZE) else signal.SIGKILL
        self._name = name
        self._left = int(count or "1")

    def here(self, point: str) -> None:
        """Die or freeze, if this is the point and the pass that the process was told."""
        if point != self._name:
            return
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), self._signal)
