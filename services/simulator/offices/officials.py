"""The roster: who holds which post in the street and its villages."""

from dataclasses import dataclass, field
from datetime import date
from random import Random

from services.simulator.facts import Event
from services.simulator.offices.office import Office
from services.simulator.people import Person
from services.simulator.register import Register


@dataclass(slots=True, eq=False)
class Official:
    """A person in a post.

    ``stays``: a story needs them there to the end of the run. ``asked``: how often they took a card over.
    """

    no: str
    person: Person
    kind: str
    body: str
    post: str
    village: str | None
    appointment_no: str
    appointed_on: date
    left_on: date | None = None
    stays: bool = False
    asked: int = 0
    groups: list[str] = field(default_factory=list)
    """Appointments to leading groups, which end with the post."""

    def in_office(self, day: date) -> bool:
        """Whether the post was theirs on a day."""
        return self.appointed_on <= day and (self.left_on is None or day < self.left_on)


class Officials(Office):
    """Appoints and lets go."""

    context = "officials"
    source = "/roster/{street}"
    serial = "RM"
    void_fields = ("official_no", "appointment_no", "person")

    def __init__(self, register: Register) -> None:
        super().__init__(register)
        self.roster: list[Official] = []
        """Who is in office now, or will be this month."""

    def appoint(
        self,
        person: Person,
        kind: str,
        body: str,
        post: str,
        day: date,
        *,
        village: str | None = None,
        document: str | None = None,
    ) -> Official:
        """Somebody who was no official takes up a post."""
        number = f"GB{self.register.serials.take('official_no', 4)}"
        official = Official(number, person, kind, body, post, village, self._next(), day)
        self.roster.append(official)
        self._appointed(official, official.appointment_no, day, None, document)
        return official

    def join_group(self, official: Official, role: str, day: date, document: str) -> None:
        """An official becomes part of a campaign's leading group, beside the post."""
        official.groups.append(number := self._next())
        self._appointed(official, number, day, role, document)

    def announce_again(self, official: Official) -> Event:
        """An appointment is stated a second time, under a number of its own."""
        return self._appointed(official, self._next(), official.appointed_on, None, None)

    def succeed(self, official: Official, successor: Person, day: date, cause: str) -> None:
        """An official gives the post up to somebody else; ``day`` is the first of the new one."""
        official.left_on = day
        for number in (official.appointment_no, *official.groups):
            data = {
                "appointment_no": number,
                "official_no": official.no,
                "person": official.person.identity,
                "left_on": day,
                "cause": cause,
            }
            self.tell("left", day, data)
        self.roster.remove(official)
        self.appoint(successor, official.kind, official.body, official.post, day, village=official.village)

    def able(self, day: date, *kinds: str) -> list[Official]:
        """Everybody of these kinds who is in office on a day."""
        return [o for o in self.roster if o.kind in kinds and o.in_office(day)]

    def one(self, random: Random, day: date, *kinds: str, village: str | None = None) -> Official:
        """Somebody in office on a day, of one of these kinds, and of that village if there is anybody."""
        able = self.able(day, *kinds)
        near = [o for o in able if o.village == village]
        return random.choice(near or able)

    def leaver(self, random: Random, day: date) -> Official:
        """Somebody in office on a day, in no story, who may give the post up."""
        return random.choice([o for o in self.roster if o.in_office(day) and not o.stays])

    def two(self, random: Random, day: date, *kinds: str) -> tuple[Official, Official]:
        """Two different people in office on a day."""
        first, second = random.sample(self.able(day, *kinds), 2)
        return first, second

    def _next(self) -> str:
        return f"RM{self.register.serials.take('appointment_no', 5)}"

    def _appointed(
        self, official: Official, number: str, day: date, role: str | None, document: str | None
    ) -> Event:
        data = {
            "division": official.village,
            "appointment_no": number,
            "official_no": official.no,
            "person": official.person.identity,
            "body": official.body,
            "post": official.post,
            "kind": official.kind,
            "group_role": role,
            "appointed_on": day,
            "document": document,
        }
        return self.tell("appointed", day, data)
