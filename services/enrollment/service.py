"""The process ``dibao serve enrollment``: HTTP, files and the intake topic of one context."""

from services.intake.context import Declaration

DECLARATION = Declaration("enrollment", "户与保障对象")
