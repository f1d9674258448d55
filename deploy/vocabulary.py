"""What facts and their fields are called in Chinese: as the contexts' forms have it."""

from deploy.contexts import BY_TYPE
from deploy.contract.titles import title_of
from events.catalogue import TYPES
from services.intake.forms.form import DIVISION
from services.reporting.kinds import Kind, Kinds

_VOIDED = "作废"


def kinds() -> Kinds:
    """Return what every type of fact is called, and its fields by their paths."""
    found = {}
    for entry in TYPES:
        form = BY_TYPE.get(entry.name)
        if form is None:
            found[entry.name] = Kind(title_of(entry.context) + (_VOIDED if entry.void else ""))
            continue
        headings = {header.field.replace("*.", ""): header.header for header in form.headers}
        found[entry.name] = Kind(form.title, {**headings, DIVISION.field: DIVISION.header})
    return found
