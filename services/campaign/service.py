"""The process ``dibao serve campaign``: HTTP, files and the intake topic of one context."""

from services.campaign.forms import FORMS
from services.intake.declaration import Declaration

DECLARATION = Declaration("campaign", "专项行动", FORMS)
