"""What is suggested for a file."""

import io

from deploy.contexts import forms_of
from services.intake.suggestions import Suggestion, suggest
from tests.services.intake.banks import OwnFile


def suggested(file: OwnFile, context: str = "payments", kind: str = "") -> Suggestion:
    """What is said of a file."""
    forms = [form for form in forms_of(context) if kind in ("", form.verb)]
    return suggest(io.BytesIO(file.content), file.name, forms)
