"""The process ``dibao serve kinship``: HTTP, files and the intake topic of one context."""

from services.intake.declaration import Declaration
from services.kinship.forms import FORMS

DECLARATION = Declaration("kinship", "近亲属备案", FORMS)
