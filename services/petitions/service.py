"""The process ``dibao serve petitions``: HTTP, files and the intake topic of one context."""

from services.intake.declaration import Declaration
from services.petitions.forms import FORMS

DECLARATION = Declaration("petitions", "信访事项", FORMS)
