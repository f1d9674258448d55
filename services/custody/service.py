"""The process ``dibao serve custody``: HTTP, files and the intake topic of one context."""

from services.intake.context import Declaration

DECLARATION = Declaration("custody", "卡折代管")
