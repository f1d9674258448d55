"""The process ``dibao serve campaign``: HTTP, files and the intake topic of one context."""

from services.intake.context import Declaration

DECLARATION = Declaration("campaign", "专项行动")
