"""The process ``dibao serve funds``: HTTP, files and the intake topic of one context."""

from services.intake.context import Declaration

DECLARATION = Declaration("funds", "资金筹拨")
