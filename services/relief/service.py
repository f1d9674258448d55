"""The process ``dibao serve relief``: HTTP, files and the intake topic of one context."""

from services.intake.declaration import Declaration
from services.relief.forms import FORMS

DECLARATION = Declaration("relief", "临时救助", FORMS)
