"""Parameters of the rules, as documents set them: policy is an event, with a date from which it holds."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from events.form import Fact, Value
from events.values import Day, Label, Programme


def _one_spelling(value: int | float | str | bool) -> int | float | str | bool:
    # 1 and 1.0 are the same value, so they must be the same content.
    return int(value) if isinstance(value, float) and value.is_integer() else value


class Scope(Value):
    """Where a value holds: below a division prefix, for a programme; absent means everywhere, for all."""

    division_prefix: Annotated[str, StringConstraints(pattern=r"^\d{2,12}$")] | None = None
    programme: Programme | None = None


class Adopted(Fact):
    """A parameter has a value from a business date on. Sources: the document named."""

    parameter: Annotated[str, StringConstraints(pattern=r"^[a-z_]+(\.[a-z_]+)+$", max_length=64)]
    value: Annotated[int | float | str | bool, AfterValidator(_one_spelling)]
    from_: Annotated[Day, Field(alias="from")]
    scope: Scope | None = None
    document: Label
