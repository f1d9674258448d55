"""The process ``dibao serve funds``: HTTP, files and the intake topic of one context."""

from services.funds.forms import FORMS
from services.intake.declaration import Declaration

DECLARATION = Declaration("funds", "资金筹拨", FORMS)
