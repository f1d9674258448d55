"""What a form is: which column of an office's file fills which field. Each context has those of its own."""

from services.intake.forms.form import Column, Form

__all__ = ["Column", "Form"]
