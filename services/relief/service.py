"""The process ``dibao serve relief``: HTTP, files and the intake topic of one context."""

from services.intake.context import Declaration

DECLARATION = Declaration("relief", "临时救助")
