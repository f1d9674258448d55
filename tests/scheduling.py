"""Which tests are run in which order, which of them are quick, and which worker of pytest-xdist runs which.

One worker takes those that wait for servers, the other the rest. A worker has servers of its own, so that
this is about time only: whoever has nothing left takes the other's.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

TOGETHER = ("tests/services/platform/secured/", "tests/services/simulator/")
"""Folders whose files share what is dear to make (streets that were walked, a broker), and so a worker."""

LONG = (
    "tests/bad_input/test_mutations.py",
    "tests/contract/test_asyncapi.py",
    "tests/deploy/cli/test_purge.py",
    "tests/deploy/cli/test_service.py",
    "tests/deploy/cli/test_telling.py",
    "tests/deploy/local/",
    "tests/deploy/supply/test_components.py",
    "tests/deploy/test_anywhere.py",
    "tests/deploy/test_program.py",
    "tests/projections/test_confluence.py",
    "tests/services/intake/test_large_files.py",
    "tests/services/platform/test_outage.py",
    "tests/services/simulator/",
)
"""What waits for no server and is not quick: it computes for long, starts processes, or needs other tools."""

_SERVERS = frozenset({"stack", "deployment", "own_stack"})
"""Fixtures that are servers."""


def waits(item: pytest.Item) -> bool:
    """Whether a test waits for servers, as told by the fixtures that it asks for."""
    return bool(_SERVERS & set(getattr(item, "fixturenames", ())))


def is_quick(item: pytest.Item) -> bool:
    """Whether a test only computes, and soon has done so: `make quick` runs these alone."""
    return not waits(item) and not item.nodeid.startswith(LONG)


def in_order(items: list[pytest.Item]) -> list[pytest.Item]:
    """Tests that kill servers first, then all others that wait for servers, then the rest.

    A Kafka that was killed goes through all its topics before it serves again: with those of the whole suite
    that takes a minute and a half, on a new one seconds.
    """
    return sorted(items, key=lambda item: (item.get_closest_marker("chaos") is None, not waits(item)))


class TwoEnds(LoadScopeScheduling):  # type: ignore[misc]
    """The first worker takes files from the beginning of the order, every other one from its end."""

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::")[0]
        return next((folder for folder in TOGETHER if file.startswith(folder)), file)

    def _assign_work_unit(self, node: WorkerController) -> None:
        if node.gateway.id != "gw0":
            self.workqueue.move_to_end(next(reversed(self.workqueue)), last=False)
        super()._assign_work_unit(node)


class Announcing:
    """Prints each file at its first test: the results behind it are of all workers."""

    def __init__(self, reporter: pytest.TerminalReporter) -> None:
        self._reporter = reporter
        self._begun: set[str] = set()

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        file = nodeid.split("::")[0]
        if file not in self._begun and self._reporter.verbosity == 0:
            self._begun.add(file)
            self._reporter.ensure_newline()
            self._reporter.write(f"{file} ")
            self._reporter.flush()
