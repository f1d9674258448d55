"""The process ``dibao serve screening``: HTTP, files and the intake topic of one context."""

from services.intake.context import Declaration

DECLARATION = Declaration("screening", "摸排核查")
