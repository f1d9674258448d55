"""Petitions on social assistance since 2018 (R37-R39)."""

from typing import Generic, Literal

from events.form import Fact, PersonT, TextT
from events.values import Day, Division, Label, Number


class Filed(Fact, Generic[PersonT, TextT]):
    """A petition was filed: ``complaint`` 投诉举报 or ``request`` 求助申请, on a matter with a code."""

    petition_no: Number
    petitioner: PersonT | None = None
    household_no: Number | None = None
    division: Division
    filed_on: Day
    channel: Label
    kind: Literal["complaint", "request"]
    matter_code: Number
    matter: TextT


class Closed(Fact, Generic[TextT]):
    """A petition was closed: ``settled`` 处置到位, ``not_settled``, or ``withdrawn``."""

    petition_no: Number
    closed_on: Day
    outcome: Literal["settled", "not_settled", "withdrawn"]
    evidence: TextT | None = None
