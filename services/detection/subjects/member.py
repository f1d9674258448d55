"""A person as a member: when they were enrolled or added, in whichever household."""

from services.detection.subjects.subject import Dossier, Subject

SUBJECT = Subject(kind="member", view=Dossier, number_of="person")
