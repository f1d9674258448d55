"""The rules, one file each, found in this folder, and what follows from them. Pure: no SQL, no Faust."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from events.shelf import declared_in
from services.detection.facts import CONTEXTS, FACTS
from services.detection.facts.envelope import OF_ANY_TYPE
from services.detection.facts.fact import Body, kind_of
from services.detection.policy import Parameter
from services.detection.rules.rule import Rule
from services.detection.subjects import NUMBERED, subject_of

Test = Callable[[Any], bool]
"""Where it holds of a view, a rule finds nothing there."""

_CIRCUMSTANCES = ("policy", "calendar", "identity")


@dataclass(frozen=True)
class RuleSet:
    """Rules, and whom a fact concerns by them. Everything is derived from what rules and subjects declare."""

    rules: tuple[Rule[Any], ...]

    @cached_property
    def of_subject(self) -> Mapping[str, tuple[Rule[Any], ...]]:
        """The rules of each kind of subject."""
        found: dict[str, list[Rule[Any]]] = defaultdict(list)
        for rule in self.rules:
            found[rule.subject].append(rule)
        return {kind: tuple(rules) for kind, rules in found.items()}

    def by_test(self, kind: str, whole: bool) -> Sequence[tuple[Test | None, Sequence[Rule[Any]]]]:
        """Return the rules of a subject by their sufficient test, each of which is made once.

        ``whole``: of which all is seen; else only rules that need no more than a month.
        """
        return self._by_test[kind, whole]

    @cached_property
    def _by_test(self) -> Mapping[tuple[str, bool], Sequence[tuple[Test | None, Sequence[Rule[Any]]]]]:
        found: dict[tuple[str, bool], dict[Test | None, list[Rule[Any]]]] = {}
        for kind, rules in self.of_subject.items():
            for whole in (False, True):
                tests = found[kind, whole] = {}
                for rule in rules:
                    if whole or rule.by_month:
                        tests.setdefault(rule.clear, []).append(rule)
        return {asked: tuple(tests.items()) for asked, tests in found.items()}

    @cached_property
    def readers(self) -> Mapping[tuple[str, str], Mapping[str, bool]]:
        """(kind of subject, of fact) → the kinds that read it as a neighbour's; whether by month only."""
        found: dict[tuple[str, str], dict[str, bool]] = defaultdict(dict)
        for rule in self.rules:
            for neighbour in subject_of(rule.subject).neighbours:
                for fact in neighbour.facts & rule.neighbours:
                    readers = found[neighbour.kind, kind_of(fact)]
                    readers[rule.subject] = readers.get(rule.subject, True) and rule.looks_by_month
                for further in subject_of(neighbour.kind).neighbours if neighbour.beyond else ():
                    for fact in further.facts & rule.neighbours:
                        # Who is between passes it on: see ``between``.
                        found[further.kind, kind_of(fact)][neighbour.kind] = False
        return dict(found)

    @cached_property
    def between(self) -> Mapping[str, tuple[str, ...]]:
        """The kinds of subject through which others read, and the kinds of fact by which they do."""
        return {
            neighbour.kind: tuple(
                sorted(kind_of(fact) for one in subject_of(neighbour.kind).neighbours for fact in one.of)
            )
            for kind in self.of_subject
            for neighbour in subject_of(kind).neighbours
            if neighbour.beyond
        }

    def concerned_by_identity(self, kind: str) -> Mapping[str, frozenset[str]]:
        """Return who compares persons, or households: kinds of subject, by the neighbour's kind.

        That is the person or household itself, or what goes by its number.
        """
        found: dict[str, set[str]] = defaultdict(set)
        for one in self.of_subject:
            for neighbour in subject_of(one).neighbours:
                if kind in (neighbour.kind, NUMBERED.get(neighbour.kind)):
                    found[neighbour.kind].add(one)
        return {name: frozenset(readers) for name, readers in found.items()}

    def numbered_by(self, kind: str) -> frozenset[str]:
        """Return the kinds of subject that are known by the number of a person, or of a household."""
        return frozenset(one for one in self.of_subject if NUMBERED.get(one) == kind)

    @cached_property
    def triggers(self) -> Mapping[tuple[str, str], bool]:
        """(kind of subject, kind of fact) after which the subject is evaluated; whether in its month only."""
        found: dict[tuple[str, str], bool] = {}
        for rule in self.rules:
            for fact in rule.triggers:
                place = rule.subject, kind_of(fact)
                found[place] = found.get(place, True) and rule.looks_by_month
        return found

    @cached_property
    def later(self) -> frozenset[tuple[str, str]]:
        """(kind of subject, kind of fact) after which the subject is evaluated as a whole, once for many."""
        return frozenset((rule.subject, kind_of(fact)) for rule in self.rules for fact in rule.later)

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds of subject whose facts are kept: the rules' own, their neighbours, what holds for all."""
        neighbours = {kind for kind, _ in self.readers}
        return frozenset({*self.of_subject, *neighbours, *_CIRCUMSTANCES})

    @cached_property
    def contexts(self) -> tuple[str, ...]:
        """The contexts of the log that are read: those with facts that a rule reads."""
        read: set[type[Body]] = set()
        for rule in self.rules:
            read |= rule.triggers | rule.later | rule.neighbours
            read |= subject_of(rule.subject).scoped_by.keys()
        if not read.isdisjoint(OF_ANY_TYPE):
            return CONTEXTS
        names = [name for name, fact in FACTS.items() if not read.isdisjoint(fact.bodies)]
        found = {name.split(".")[1] for name in names}
        if any(rule.parameters for rule in self.rules):
            found.add("policy")
        if self.waking or self.counting_working_days:
            found.add("calendar")
        if self.waking:  # what is so as of a day goes by who is the same then
            found.add("identity")
        return tuple(context for context in CONTEXTS if context in found)

    @cached_property
    def waking(self) -> frozenset[str]:
        """The kinds of subject whose findings change with the day alone."""
        return frozenset(rule.subject for rule in self.rules if rule.next_due is not None)

    def parameters_named(self, name: str) -> frozenset[Parameter]:
        """Return the declarations of a parameter that rules read."""
        return frozenset(one for rule in self.rules for one in rule.parameters if one.name == name)

    @cached_property
    def counting_working_days(self) -> frozenset[str]:
        """The kinds of subject whose findings change with the arrangement of a year."""
        return frozenset(rule.subject for rule in self.rules if rule.working_days)

    def reading(self, parameter: str) -> Mapping[str, bool]:
        """Return the kinds of subject that a parameter concerns; whether by month only."""
        found: dict[str, bool] = {}
        for rule in self.rules:
            if any(one.name == parameter for one in rule.parameters):
                by_month = all(one.per == "month" for one in rule.parameters if one.name == parameter)
                found[rule.subject] = found.get(rule.subject, True) and rule.by_month and by_month
        return found


def rules_of(rules: Iterable[Rule[Any]]) -> RuleSet:
    """Return these rules with what follows from them."""
    return RuleSet(tuple(rules))


ALL: Final = rules_of(declared_in(__name__, "RULE"))
"""Every rule there is."""

BY_NAME: Final[Mapping[str, Rule[Any]]] = {rule.name: rule for rule in ALL.rules}
