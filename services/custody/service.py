"""The process ``dibao serve custody``: HTTP, files and the intake topic of one context."""

from services.custody.forms import FORMS
from services.intake.declaration import Declaration

DECLARATION = Declaration("custody", "卡折代管", FORMS)
