"""The process ``dibao serve vitals``: HTTP, files and the intake topic of one context."""

from services.intake.declaration import Declaration
from services.vitals.forms import FORMS

DECLARATION = Declaration("vitals", "死亡登记", FORMS)
