"""The process ``dibao serve petitions``: HTTP, files and the intake topic of one context."""

from services.intake.context import Declaration

DECLARATION = Declaration("petitions", "信访事项")
