"""The process ``dibao serve tekun``: HTTP, files and the intake topic of one context."""

from services.intake.context import Declaration

DECLARATION = Declaration("tekun", "特困供养")
