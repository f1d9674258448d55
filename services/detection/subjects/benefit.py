"""What a household has: its spells, reviews, months of grace, exits."""

from collections import defaultdict

from propcache.api import cached_property

from services.detection.facts.enrollment import Change, Enrolled, Exited, MembersChanged, Reviewed
from services.detection.policy import Scope
from services.detection.subjects.membership import Spell, spells_of
from services.detection.subjects.subject import Dossier, Subject

FOLLOW_UP = "follow_up"


class Benefit(Dossier):
    """What a household has, as of the latest closed day."""

    @cached_property
    def spells(self) -> dict[str, list[Spell]]:
        """The spells by programme, in order."""
        by_programme: dict[str, list[Change]] = defaultdict(list)
        for fact in self.changes():
            by_programme[fact.programme].append(fact)
        return {name: spells_of(facts) for name, facts in sorted(by_programme.items())}

    def changes(self) -> list[Change]:
        """Return what is said of who joins and leaves."""
        return [*self.of(Enrolled), *self.of(MembersChanged), *self.of(Exited)]

    @cached_property
    def reviews(self) -> list[Reviewed]:
        """Those that look again at who receives, in order: following up who left is none."""
        return [fact for fact in self.of(Reviewed) if fact.kind != FOLLOW_UP]

    def spell_on(self, programme: str, day: str) -> Spell | None:
        """Return the spell that was the last one decided by a day, whether it was over by then or not."""
        decided = [spell for spell in self.spells.get(programme, ()) if spell.enrolled.date <= day]
        return decided[-1] if decided else None

    def exits(self) -> list[Exited]:
        """Return the exits of the whole household, also by its last member's leaving, in order."""
        last = {
            spell.ended_by.event_id
            for spells in self.spells.values()
            for spell in spells
            if isinstance(spell.ended_by, Exited)
        }
        return [fact for fact in self.of(Exited) if fact.persons is None or fact.event_id in last]

    def scope_in(self, programme: str, division: str | None = None) -> Scope:
        """Return whom values are asked for: the household in a programme; ``division``: a fact's own."""
        enrolments = self.of(Enrolled)
        return Scope(division or (enrolments[-1].division if enrolments else None), programme)


SUBJECT = Subject(kind="benefit", view=Benefit)
