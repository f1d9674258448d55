"""The process ``dibao serve identity``: HTTP, files and the intake topic of one context."""

from services.intake.context import Declaration

DECLARATION = Declaration("identity", "身份与户籍变更")
