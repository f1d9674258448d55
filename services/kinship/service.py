"""The process ``dibao serve kinship``: HTTP, files and the intake topic of one context."""

from services.intake.context import Declaration

DECLARATION = Declaration("kinship", "近亲属备案")
