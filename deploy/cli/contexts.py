"""Contexts and types as somebody types them: what is none is refused by naming those that there are."""

from collections.abc import Sequence

from deploy.cli.output import fail
from deploy.contexts import DECLARATIONS
from events.catalogue import UPSTREAM_CONTEXTS
from services.intake.forms import Form


def check_context(context: str) -> None:
    """Raise the end of the command where a context is none that upstream states facts of."""
    if context not in UPSTREAM_CONTEXTS:
        raise fail(f"{context} is no context; they are: {', '.join(UPSTREAM_CONTEXTS)}.", 2)


def forms_named(context: str, event_type: str | None) -> Sequence[Form]:
    """Return the forms of a context, or the one of a type: ``paid``, ``payments.paid``, or the type in full.

    Raises the end of the command where there is none.
    """
    check_context(context)
    if event_type is None:
        return DECLARATIONS[context].forms
    form = DECLARATIONS[context].form_named(event_type)
    if form is None:
        known = ", ".join(each.verb for each in DECLARATIONS[context].forms)
        raise fail(f"{event_type} is no type of {context}; they are: {known}.", 2)
    return [form]
