"""The process ``dibao serve officials``: HTTP, files and the intake topic of one context."""

from services.intake.context import Declaration

DECLARATION = Declaration("officials", "工作人员名册")
