"""The process ``dibao serve screening``: HTTP, files and the intake topic of one context."""

from services.intake.declaration import Declaration
from services.screening.forms import FORMS

DECLARATION = Declaration("screening", "摸排核查", FORMS)
