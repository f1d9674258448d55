"""The forms against the catalogue: every fact can be stated in a file, in words that an office has."""

import io
from collections.abc import Collection, Iterator
from itertools import combinations
from typing import Any, get_args, get_origin

import pytest
from pydantic import BaseModel

from deploy.contexts import BY_TYPE, FORMS, forms_of
from events.catalogue import TYPES, UPSTREAM_CONTEXTS
from services.intake.forms import Form
from services.intake.forms.fields import field_at, fields_of, plain
from services.intake.headers import folded_header
from services.intake.tables import read_csv

STATED = [entry for entry in TYPES if entry.from_upstream and not entry.void]
TITLES = [form.title for form in FORMS]


def leaves(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """The path of every field of a model that has no fields itself; ``*`` is each item of a list."""
    for name, info in fields_of(model).items():
        yield from _leaves(info.annotation, prefix + name)


def _leaves(annotation: Any, path: str) -> Iterator[str]:
    hint, _ = plain(annotation)
    if get_origin(hint) is list:
        item, _ = plain(get_args(hint)[0])
        if isinstance(item, type) and issubclass(item, BaseModel):
            yield from _leaves(item, f"{path}.*")
        else:
            yield path
    elif isinstance(hint, type) and issubclass(hint, BaseModel):
        yield from leaves(hint, f"{path}.")
    else:
        yield path


def test_there_is_a_form_for_every_type_that_upstream_states() -> None:
    assert sorted(form.type for form in FORMS) == sorted(entry.name for entry in STATED)
    assert {form.entry.context for form in FORMS} == set(UPSTREAM_CONTEXTS)


@pytest.mark.parametrize("form", FORMS, ids=TITLES)
def test_every_field_has_a_column(form: Form) -> None:
    stated = {path for column in form.columns for path in form.paths_of(column.field)}
    missing = set(leaves(form.entry.readable)) - stated
    assert missing == set(form.not_offered)
    assert all(form.not_offered.values())


@pytest.mark.parametrize("form", FORMS, ids=TITLES)
def test_a_form_can_be_read_in_one_way_only(form: Form) -> None:
    names = [name for column in form.columns for name in column.names]
    assert len(names) == len(set(names))
    fields = [column.field for column in form.columns]
    assert len(fields) == len(set(fields))
    assert form.time_field in {*fields, *form.group_by}
    assert set(form.group_by) <= set(fields)
    assert bool(form.group_by) == any(column.field.startswith("*") for column in form.columns)


@pytest.mark.parametrize("form", FORMS, ids=TITLES)
def test_every_code_has_chinese_words(form: Form) -> None:
    for column in form.columns:
        if column.kind != "word":
            assert column.words is None, column.header
            continue
        codes: Collection[str] = form.item_fields
        if column.field != form.split_by:
            codes = field_at(form.entry.readable, form.paths_of(column.field)[0]).codes
        assert column.words is not None, column.header
        assert sorted(set(column.words.values())) == sorted(codes), column.header
        assert len(column.offered) == len(codes)
        assert all(not word.isascii() for word in column.words), column.header
        assert not column.many or all("、" not in word for word in column.words), column.header


@pytest.mark.parametrize("form", FORMS, ids=TITLES)
def test_headers_are_compared_as_they_are_written(form: Form) -> None:
    names = [name for column in form.columns for name in column.names]
    assert [folded_header(name) for name in names] == names


@pytest.mark.parametrize("context", UPSTREAM_CONTEXTS)
def test_forms_of_a_context_are_told_apart_by_their_headers(context: str) -> None:
    for form in forms_of(context):
        for columns in (form.columns, [column for column in form.columns if column.required]):
            header = ",".join(column.header for column in columns)
            assert read_csv(io.BytesIO(header.encode()), forms_of(context)).form is form


def test_titles_name_one_form_each() -> None:
    for one, other in combinations(FORMS, 2):
        assert (one.title, one.entry.context) != (other.title, other.entry.context)
    assert all(BY_TYPE[form.type] is form for form in FORMS)
