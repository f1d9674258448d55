"""The process ``dibao serve vitals``: HTTP, files and the intake topic of one context."""

from services.intake.context import Declaration

DECLARATION = Declaration("vitals", "死亡登记")
