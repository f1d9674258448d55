"""The contexts that upstream states facts of, as their services declare them, and all of their forms."""

from importlib import import_module

from events.catalogue import UPSTREAM_CONTEXTS
from services.intake.declaration import Declaration
from services.intake.forms import Form

DECLARATIONS: dict[str, Declaration] = {
    context: import_module(f"services.{context}.service").DECLARATION for context in UPSTREAM_CONTEXTS
}

FORMS: tuple[Form, ...] = tuple(form for each in DECLARATIONS.values() for form in each.forms)

BY_TYPE: dict[str, Form] = {form.type: form for form in FORMS}


def forms_of(context: str) -> tuple[Form, ...]:
    """Return the forms of a context."""
    return DECLARATIONS[context].forms


def forms_named(name: str) -> tuple[Form, ...]:
    """Return the forms of a context (``payments``) or the one of a type (``payments.paid``, or in full)."""
    if name in DECLARATIONS:
        return forms_of(name)
    return tuple(form for form in FORMS if name in (form.type, form.short_name))
