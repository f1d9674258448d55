"""The process ``dibao serve clues``: HTTP, files and the intake topic of one context."""

from services.clues.forms import FORMS
from services.intake.declaration import Declaration

DECLARATION = Declaration("clues", "问题线索", FORMS)
