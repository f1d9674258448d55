"""What a context declares of itself: all that the desk knows of it."""

from dataclasses import dataclass

from services.intake.forms.form import Form


@dataclass(frozen=True, slots=True)
class Declaration:
    """A context whose facts come from upstream: its name in the catalogue, its title, its forms."""

    context: str
    title: str
    forms: tuple[Form, ...]

    def form_named(self, name: str) -> Form | None:
        """Return the form of a type: ``paid``, ``payments.paid``, or the type in full."""
        return next((form for form in self.forms if name in (form.verb, form.short_name, form.type)), None)
