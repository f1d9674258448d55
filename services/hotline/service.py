"""The process ``dibao serve hotline``: HTTP, files and the intake topic of one context."""

from services.intake.context import Declaration

DECLARATION = Declaration("hotline", "服务热线")
