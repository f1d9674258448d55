"""The process ``dibao serve hotline``: HTTP, files and the intake topic of one context."""

from services.hotline.forms import FORMS
from services.intake.declaration import Declaration

DECLARATION = Declaration("hotline", "服务热线", FORMS)
