"""The process ``dibao serve calendar``: HTTP, files and the intake topic of one context."""

from services.intake.context import Declaration

DECLARATION = Declaration("calendar", "节假日安排")
