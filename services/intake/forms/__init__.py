"""The forms that offices hand over as files: which column fills which field, a module a context."""

from services.intake.forms import (
    calendar,
    campaign,
    clues,
    custody,
    enrollment,
    funds,
    hotline,
    identity,
    kinship,
    officials,
    payments,
    petitions,
    policy,
    relief,
    screening,
    survey,
    tekun,
    vitals,
)
from services.intake.forms.form import Column, Form

FORMS: tuple[Form, ...] = (
    *enrollment.FORMS,
    *payments.FORMS,
    *funds.FORMS,
    *vitals.FORMS,
    *custody.FORMS,
    *kinship.FORMS,
    *officials.FORMS,
    *screening.FORMS,
    *tekun.FORMS,
    *relief.FORMS,
    *petitions.FORMS,
    *hotline.FORMS,
    *survey.FORMS,
    *campaign.FORMS,
    *clues.FORMS,
    *identity.FORMS,
    *policy.FORMS,
    *calendar.FORMS,
)

BY_TYPE: dict[str, Form] = {form.type: form for form in FORMS}


def forms_of(context: str) -> tuple[Form, ...]:
    """Return the forms of a context."""
    return tuple(form for form in FORMS if form.entry.context == context)


def forms_named(name: str) -> tuple[Form, ...]:
    """Return the forms of a context (``payments``) or the one of a type (``payments.paid``, or in full)."""
    return forms_of(name) or tuple(form for form in FORMS if name in (form.type, form.short_name))


__all__ = ["BY_TYPE", "FORMS", "Column", "Form", "forms_named", "forms_of"]
