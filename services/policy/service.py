"""The process ``dibao serve policy``: HTTP, files and the intake topic of one context."""

from services.intake.declaration import Declaration
from services.policy.forms import FORMS

DECLARATION = Declaration("policy", "政策参数", FORMS)
