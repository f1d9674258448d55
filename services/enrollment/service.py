"""The process ``dibao serve enrollment``: HTTP, files and the intake topic of one context."""

from services.enrollment.forms import FORMS
from services.intake.declaration import Declaration

DECLARATION = Declaration("enrollment", "户与保障对象", FORMS)
