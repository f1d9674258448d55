"""The table is as large as it says, and leaves out no way without a reason."""

from collections import Counter

import pytest

from tests.bad_input.good import good_event
from tests.bad_input.inputs import CLASSES
from tests.bad_input.table import Event, InputClass, Row, Way, ways_of

BY_CLASS = pytest.mark.parametrize("bad", CLASSES, ids=[bad.name for bad in CLASSES])


def test_there_are_at_least_15_classes() -> None:
    names = Counter(bad.name for bad in CLASSES)
    assert len(names) == len(CLASSES) >= 15


@BY_CLASS
def test_each_has_at_least_8_inputs_that_differ(bad: InputClass) -> None:
    names = {each.name for each in bad.inputs}
    assert len(names) == len(bad.inputs) >= 8
    sent: Counter[object] = Counter()
    for each in bad.inputs:
        for statement in each.statements:
            match statement:
                case Event():
                    raw = statement.raw(good_event(statement.type, "nr", "/office"))
                    sent[raw, statement.key] += 1
                case Row():
                    sent[statement.type, repr(statement.rows), statement.key] += 1
    assert [statement for statement, times in sent.items() if times > 1] == []


@BY_CLASS
def test_each_is_sent_by_every_way_but_those_with_a_reason(bad: InputClass) -> None:
    for each in bad.inputs:
        assert each.ways, each.name
        assert each.ways | set(each.not_by) == set(Way), each.name
        assert not each.ways & set(each.not_by), each.name
        assert all(len(reason) > 5 for reason in each.not_by.values()), each.name
        assert all(ways_of(statement, each.not_by) for statement in each.statements), each.name


def test_every_way_takes_inputs_of_most_classes() -> None:
    classes: Counter[Way] = Counter()
    for bad in CLASSES:
        classes.update({way for each in bad.inputs for way in each.ways})
    assert min(classes[way] for way in Way) >= 15, classes
