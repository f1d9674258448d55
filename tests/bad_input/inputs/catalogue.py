"""Every type of the catalogue: a field that is missing, one that there is not, one of another kind."""

from collections.abc import Iterator

from events.catalogue import TYPES
from tests.bad_input import sentences as says
from tests.bad_input.table import NO_ROW, SINGLE, Input, InputClass, drop, event, except_by, given, put

_IN_BATCHES = NO_ROW | except_by("it is judged as in a batch: the other classes show it", SINGLE)


def _inputs() -> Iterator[Input]:
    for entry in TYPES:
        if not entry.from_upstream:
            continue
        short = entry.name.removeprefix("dibao.").removesuffix(".v1")
        name, info = next(item for item in entry.readable.model_fields.items() if item[1].is_required())
        first = f"data.{name}"
        kind = says.TEXT if info.annotation is str else says.AN_OBJECT
        kind = "an integer" if info.annotation is int else kind
        yield given(
            f"{short} without {name}", event(short, drop(first), first, says.REQUIRED), not_by=_IN_BATCHES
        )
        yield given(
            f"{short} with a surplus",
            event(short, put("data.surplus", 1), "data.surplus", says.UNKNOWN),
            not_by=_IN_BATCHES,
        )
        yield given(
            f"{short} with a list for {name}", event(short, put(first, []), first, kind), not_by=_IN_BATCHES
        )


CATALOGUE = InputClass("catalogue", tuple(_inputs()))
