"""Every form: a required cell that is empty, that a spreadsheet computes, or that it could not compute."""

from collections.abc import Iterator

from deploy.contexts import FORMS as ALL
from tests.bad_input import sentences as says
from tests.bad_input.sending import Shown
from tests.bad_input.table import EVENT_WAYS, Input, InputClass, except_by, given, row

_NO_EVENT = except_by("see the catalogue, which has every type as an event", *EVENT_WAYS)
NEEDS_TWO_ROWS = {"dibao.identity.household_split.v1"}
"""A row alone is no good neighbour."""


def _inputs() -> Iterator[Input]:
    for form in ALL:
        if form.type in NEEDS_TWO_ROWS:
            continue
        short = form.type.removeprefix("dibao.").removesuffix(".v1")
        header = next(column.header for column in form.columns if column.required)
        for name, cell, masked, expected in (
            ("without", "", "", says.REQUIRED),
            ("with a formula for", Shown("=1+1+1"), "=****1", says.FORMULA),
            ("with an error for", Shown("#N/A"), "#**A", says.CELL_ERROR),
        ):
            statement = row(short, {header: cell}, header, masked, expected)
            yield given(f"{form.title} {name} {header}", statement, not_by=_NO_EVENT)


FORMS = InputClass("forms", tuple(_inputs()))
