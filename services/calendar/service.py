"""The process ``dibao serve calendar``: HTTP, files and the intake topic of one context."""

from services.calendar.forms import FORMS
from services.intake.declaration import Declaration

DECLARATION = Declaration("calendar", "节假日安排", FORMS)
