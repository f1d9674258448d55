"""A person as one who was granted temporary relief, under whichever of their numbers."""

from services.detection.subjects.subject import Dossier, Subject

SUBJECT = Subject(kind="relief", view=Dossier, number_of="person")
