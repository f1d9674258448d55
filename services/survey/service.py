"""The process ``dibao serve survey``: HTTP, files and the intake topic of one context."""

from services.intake.declaration import Declaration
from services.survey.forms import FORMS

DECLARATION = Declaration("survey", "满意度调查", FORMS)
