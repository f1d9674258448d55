"""The process ``dibao serve tekun``: HTTP, files and the intake topic of one context."""

from services.intake.declaration import Declaration
from services.tekun.forms import FORMS

DECLARATION = Declaration("tekun", "特困供养", FORMS)
