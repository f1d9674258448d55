"""The process ``dibao serve payments``: HTTP, files and the intake topic of one context."""

from services.intake.declaration import Declaration
from services.payments.forms import FORMS

DECLARATION = Declaration("payments", "资金发放", FORMS)
