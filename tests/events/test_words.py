"""One vocabulary: every code of every fact has its Chinese words; the first is shown, all are read."""

from typing import Literal, get_args, get_origin

import pytest

from deploy.contexts import FORMS
from events.catalogue import BY_TYPE, UPSTREAM_CONTEXTS
from events.words import _BY_TYPE, programmes, said, shown
from projections.ledgers import LEDGERS

_FORMS = {form.type: form for form in FORMS}


def test_the_folder_holds_contexts_and_types_that_there_are() -> None:
    assert {name.split(".")[0] for name in _BY_TYPE} <= set(UPSTREAM_CONTEXTS)
    assert {f"dibao.{name}.v1" for name in _BY_TYPE} <= set(BY_TYPE)


@pytest.mark.parametrize("name", sorted(_BY_TYPE))
def test_words_are_for_the_codes_of_the_field(name: str) -> None:
    form = _FORMS[f"dibao.{name}.v1"]
    for field in _BY_TYPE[name]:
        if field == form.split_by:  # of the form alone: into which list a row goes
            codes = tuple(form.item_fields)
        else:
            codes = _codes(form.entry.readable.model_fields[field].annotation)
        assert set(shown(name, field)) == set(codes), field


def _codes(hint: object) -> tuple[str, ...]:
    if get_origin(hint) is Literal:
        return get_args(hint)
    return tuple(code for inner in get_args(hint) for code in _codes(inner))


def test_the_first_word_is_shown_and_all_are_read() -> None:
    assert said("payments.paid", "kind")["regular"] == ("常规", "正常发放")
    assert shown("payments.paid", "kind")["regular"] == "常规"
    column = _FORMS["dibao.payments.paid.v1"].by_field["kind"]
    assert column.words is not None
    assert [column.words[word] for word in ("常规", "正常发放")] == ["regular", "regular"]
    assert column.offered[0] == "常规"
    (kind,) = (column for column in LEDGERS["payments"].columns if column.name == "kind")
    assert kind.words["regular"] == "常规"


def test_a_programme_is_called_the_same_everywhere() -> None:
    assert shown("payments.paid", "programme") == shown("policy.adopted", "scope.programme") == programmes()
    assert said("payments.paid", "amount_fen") == {}


def test_no_two_codes_of_a_field_share_a_word() -> None:
    for name, fields in _BY_TYPE.items():
        for field in fields:
            words = [word for each in said(name, field).values() for word in each]
            assert len(words) == len(set(words)), (name, field)
