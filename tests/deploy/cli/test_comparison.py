"""What the demonstration says of a rule: found as labelled, missed, invented, different, not detected yet."""

from typing import Any

import pytest

from deploy.cli.comparison import Compared, compare
from events.envelope import event_id_of
from services.simulator import Settings
from services.simulator.labels import Labels, Totals
from services.simulator.world import head


def labels_of(book: Labels) -> dict[str, Any]:
    """The content of ``labels.json`` for one street's book."""
    lists = {name: list(records) for name, records in book.lists().items()}
    return head(Settings(), Totals.of(book)) | lists


def finding(rule: str, household: str, **rest: Any) -> dict[str, Any]:
    return {"rule": rule, "key": {"household": household}, "severity": "high", "params": {}} | rest


@pytest.fixture
def book() -> Labels:
    book = Labels()
    for number in ("1", "2", "3"):
        book.irregular("detected", "case", {"household": number}, severity="high", excess_fen=100)
    book.lawful("detected", "looks so", {"household": "4"})
    book.irregular("not-yet", "case", {"household": "1"})
    book.lawful("not-yet", "looks so", {"household": "2"})
    return book


def test_a_rule_is_compared_label_by_label(book: Labels) -> None:
    findings = [
        finding("detected", "A1", params={"excess_fen": 100}),
        finding("detected", "A2", params={"excess_fen": 99}),
        finding("detected", "A4"),
    ]
    detected, not_yet = compare(
        labels_of(book), findings, ["detected"], lambda key: {"household": "A" + key["household"]}
    )
    assert detected == Compared("detected", labelled=3, lawful=1, found=3, missed=1, extra=1, different=1)
    assert not detected.same
    assert not_yet == Compared("not-yet", labelled=1, lawful=1)
    assert not_yet.same


def test_an_id_with_two_contents_is_labelled_among_the_conflicts() -> None:
    book = Labels()
    book.conflict("/bank", "P1")
    (label,) = labels_of(book)["conflicts"]
    rule, key = label["rule"], {"event_id": str(event_id_of("/bank", "P1"))}
    (found,) = compare(labels_of(book), [finding(rule, "") | {"key": key}], [rule], dict)
    assert found == Compared(rule, labelled=1, lawful=0, found=1)
    (missed,) = compare(labels_of(book), [], [rule], dict)
    assert missed.missed == 1


def test_a_detector_that_nothing_is_labelled_for_must_find_nothing() -> None:
    (silent,) = compare(labels_of(Labels()), [], ["quiet"], dict)
    assert silent == Compared("quiet", labelled=0, lawful=0, found=0)
    (loud,) = compare(labels_of(Labels()), [finding("quiet", "1")], ["quiet"], dict)
    assert not loud.same
