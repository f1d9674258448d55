"""The process ``dibao serve policy``: HTTP, files and the intake topic of one context."""

from services.intake.context import Declaration

DECLARATION = Declaration("policy", "政策参数")
