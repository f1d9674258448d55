"""The process ``dibao serve identity``: HTTP, files and the intake topic of one context."""

from services.identity.forms import FORMS
from services.intake.declaration import Declaration

DECLARATION = Declaration("identity", "身份与户籍变更", FORMS)
