"""The process ``dibao serve survey``: HTTP, files and the intake topic of one context."""

from services.intake.context import Declaration

DECLARATION = Declaration("survey", "满意度调查")
