"""The process ``dibao serve payments``: HTTP, files and the intake topic of one context."""

from services.intake.context import Declaration

DECLARATION = Declaration("payments", "资金发放")
