"""Every input that is kept becomes a fact or a refusal that names a field."""

import pytest

from services.intake.answers import Fault
from services.intake.sentences import say
from tests.fuzz import targets
from tests.fuzz.corpus import CORPUS, kept, seeds
from tests.fuzz.targets import TARGETS, BrokenPromiseError


def test_every_way_in_has_a_corpus() -> None:
    assert {folder.name for folder in CORPUS.iterdir()} == TARGETS.keys()
    assert all(sum(1 for _ in kept(target)) >= 10 for target in TARGETS)


@pytest.mark.parametrize("target", TARGETS)
def test_each_input_keeps_the_promise(target: str) -> None:
    broken = []
    for name, data in kept(target):
        try:
            TARGETS[target](data)
        except Exception as error:
            broken.append(f"{target}/{name}: {type(error).__name__}: {error}")
    assert broken == []


def test_what_looking_begins_with_keeps_it_too() -> None:
    for data in seeds("event"):
        TARGETS["event"](data)


@pytest.mark.parametrize(
    ("faults", "why"),
    [
        ([], "without a reason"),
        ([Fault("event", say("fault-of-ours", kind="KeyError"))], "our own code failed"),
        ([Fault("", say("array-expected"))], "without a field"),
    ],
)
def test_a_refusal_that_is_none_is_seen(faults: list[Fault], why: str) -> None:
    with pytest.raises(BrokenPromiseError, match=why):
        targets._told(faults)


def test_a_fault_of_ours_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a way in may turn it into a refusal, which would look like one of the input's."""
    good = next(data for name, data in kept("event") if name == "payments.good")
    TARGETS["event"](good)

    def fails(*_: object) -> None:
        raise KeyError("amount_fen")

    monkeypatch.setattr("services.intake.envelope._read", fails)
    with pytest.raises(BrokenPromiseError, match=r"our own code failed: .*KeyError"):
        TARGETS["event"](good)
