"""The forms that offices hand over as files: which column fills which field, a module a context."""

from services.platform.intake.forms import custody, enrollment, payments, petitions, policy, vitals
from services.platform.intake.forms.form import Column, Form

FORMS: tuple[Form, ...] = (
    *enrollment.FORMS,
    *payments.FORMS,
    *vitals.FORMS,
    *custody.FORMS,
    *petitions.FORMS,
    *policy.FORMS,
)

BY_TYPE: dict[str, Form] = {form.type: form for form in FORMS}


def forms_of(context: str) -> tuple[Form, ...]:
    """Return the forms of a context."""
    return tuple(form for form in FORMS if form.entry.context == context)


__all__ = ["BY_TYPE", "FORMS", "Column", "Form", "forms_of"]
