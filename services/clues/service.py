"""The process ``dibao serve clues``: HTTP, files and the intake topic of one context."""

from services.intake.context import Declaration

DECLARATION = Declaration("clues", "问题线索")
