"""The process ``dibao serve officials``: HTTP, files and the intake topic of one context."""

from services.intake.declaration import Declaration
from services.officials.forms import FORMS

DECLARATION = Declaration("officials", "工作人员名册", FORMS)
