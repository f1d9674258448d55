"""A household as one that was granted temporary relief, under whichever of its numbers."""

from services.detection.subjects.subject import Dossier, Subject

SUBJECT = Subject(kind="household_relief", view=Dossier, number_of="household")
