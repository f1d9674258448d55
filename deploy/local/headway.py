"""Whether a process gets on, so that a server that recovers is not taken for one that is stuck."""

import time

import psutil

_WINDOW_SECONDS = 5.0
_PROCESSOR_SHARE = 0.05
_BYTES = 1 << 20


class Headway:
    """Notices whether a process and its children use the processor, read or write.

    A server may need long to recover after a crash, and says little meanwhile. To kill it for that would make
    it begin again.
    """

    def __init__(self, process: psutil.Process | None) -> None:
        self._process = process
        self._since = self._seen = time.monotonic()
        self._work = self._done()

    def idle_seconds(self) -> float:
        """For how long it has not got on, to within some seconds; to be asked every now and then."""
        now = time.monotonic()
        passed = now - self._seen
        if passed >= _WINDOW_SECONDS:
            processor, moved = self._done()
            # A child that ended took its share with it: less than before is no idleness either.
            if (
                abs(processor - self._work[0]) >= _PROCESSOR_SHARE * passed
                or abs(moved - self._work[1]) >= _BYTES
            ):
                self._since = now
            self._seen, self._work = now, (processor, moved)
        return now - self._since

    def _done(self) -> tuple[float, int]:
        """Seconds of processor time, and bytes read and written, so far."""
        seconds, moved = 0.0, 0
        try:
            members = [self._process, *self._process.children(recursive=True)] if self._process else []
        except psutil.Error:
            members = []
        for member in members:
            try:
                times = member.cpu_times()
                seconds += times.user + times.system
                # Not on macOS, and not of another user's process: then the processor has to tell.
                moved += sum(member.io_counters()[2:4])
            except (psutil.Error, AttributeError):
                continue
        return seconds, moved
