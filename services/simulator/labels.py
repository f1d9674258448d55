"""What the world knows to be irregular, and what only looks so. Nothing here reads facts or applies rules."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import msgspec

from services.simulator.people import Person

LISTS = ("anomalies", "lookalikes", "conflicts", "checks")
"""What ``labels.json`` lists."""

CONFLICT = "integrity-conflicting-content"
"""What an id with two contents is called by whoever looks for it; the rest of the rules are in ``rules``."""

Key = tuple[tuple[str, str], ...]
Record = dict[str, Any]


@dataclass(slots=True, eq=False)
class Anomaly:
    """One irregularity that the world caused. One that needs a death counts once that is recorded.

    ``in_order``: it only looks so in the facts, and the world knows that all was in order.
    """

    rule: str
    case: str
    key: Key
    extras: dict[str, Any]
    death: Person | None = None
    in_order: bool = False

    @property
    def nameable(self) -> bool:
        """Whether its number can be told without the deployment's key: no person and no account is in it."""
        return {"person", "account"}.isdisjoint(name for name, _ in self.key)

    @property
    def number(self) -> str:
        """Its number, as the contract says how it is made (预警编号)."""
        key = msgspec.json.encode(dict(self.key), order="sorted").decode()
        return str(uuid5(uuid5(NAMESPACE_URL, self.rule), key))

    @property
    def shows(self) -> bool:
        """Whether recorded facts show it."""
        return self.death is None or self.death.death_recorded


@dataclass
class Labels:
    """The book that a street's life writes as things happen.

    Rules are whatever schemes call them: a rule may be labelled long before anybody detects it.
    """

    conflicts: list[Record] = field(default_factory=list)
    checks: list[Record] = field(default_factory=list)
    _open: dict[tuple[str, Key], Anomaly] = field(default_factory=dict)
    _lookalikes: dict[tuple[str, str, Key], Record] = field(default_factory=dict)

    def irregular(
        self,
        rule: str,
        case: str,
        key: dict[str, str],
        death: Person | None = None,
        *,
        in_order: bool = False,
        **extras: Any,
    ) -> Anomaly:
        """Record an irregularity. Raises ValueError where the world would cause the same one twice."""
        anomaly = Anomaly(rule, case, tuple(key.items()), extras, death, in_order)
        if self._open.setdefault((rule, anomaly.key), anomaly) is not anomaly:
            earlier = self._open[rule, anomaly.key].case
            raise ValueError(f"{rule} {anomaly.key} is caused twice: {earlier}, {case}")
        return anomaly

    def conflict(self, source: str, serial: str) -> None:
        """Record that one id was stated with two contents, and neither was voided."""
        key = {"event_id": str(uuid5(NAMESPACE_URL, f"{source}\n{serial}"))}
        self.conflicts.append({"source": source, "id": serial, "rule": CONFLICT, "key": key})

    def checked(self, anomaly: Anomaly, outcome: str) -> None:
        """Record what somebody who looked into an irregularity said last."""
        key = dict(anomaly.key)
        self.checks.append(
            {"rule": anomaly.rule, "key": key, "anomaly_id": anomaly.number, "outcome": outcome}
        )

    def undo(self, anomalies: Iterable[Anomaly]) -> None:
        """Forget irregularities that were put right."""
        for anomaly in anomalies:
            self._open.pop((anomaly.rule, anomaly.key), None)

    def stands(self, anomaly: Anomaly) -> bool:
        """Whether an irregularity was not put right, and recorded facts show it."""
        return self._open.get((anomaly.rule, anomaly.key)) is anomaly and anomaly.shows

    def lawful(self, rule: str, case: str, key: dict[str, str]) -> None:
        """Record something that resembles a rule's irregularity and is none."""
        self._lookalikes[rule, case, tuple(key.items())] = {"rule": rule, "key": key, "case": case}

    def standing(self) -> Iterator[Anomaly]:
        """The irregularities that recorded facts show, in the order in which they were caused."""
        return (anomaly for anomaly in self._open.values() if anomaly.shows)

    def anomalies(self) -> Iterator[Record]:
        """The records of those."""
        for anomaly in self.standing():
            yield {"rule": anomaly.rule, "key": dict(anomaly.key), **anomaly.extras, "case": anomaly.case}

    def lookalikes(self) -> Iterator[Record]:
        """The lawful look-alikes, in the order in which they happened."""
        yield from self._lookalikes.values()

    def lists(self) -> dict[str, Iterable[Record]]:
        """All records, by the names that ``labels.json`` gives them."""
        return dict(
            zip(LISTS, (self.anomalies(), self.lookalikes(), self.conflicts, self.checks), strict=True)
        )

    @property
    def deaths_unrecorded(self) -> int:
        """How many irregularities wait for a death to be recorded."""
        return sum(1 for anomaly in self._open.values() if not anomaly.shows)


@dataclass
class Totals:
    """What a run amounts to, street after street."""

    by_type: Counter[str] = field(default_factory=Counter)
    repeats: int = 0
    conflicting_ids: int = 0
    deaths_unrecorded: int = 0
    anomalies: Counter[tuple[str, str]] = field(default_factory=Counter)
    lookalikes: Counter[tuple[str, str]] = field(default_factory=Counter)

    @classmethod
    def of(cls, labels: Labels) -> "Totals":
        """The totals of a street's book."""
        return cls(
            conflicting_ids=len(labels.conflicts),
            deaths_unrecorded=labels.deaths_unrecorded,
            anomalies=Counter((label["rule"], label["case"]) for label in labels.anomalies()),
            lookalikes=Counter((label["rule"], label["case"]) for label in labels.lookalikes()),
        )

    def add(self, other: "Totals") -> None:
        """Add the totals of streets that are not among these yet."""
        self.by_type += other.by_type
        self.repeats += other.repeats
        self.conflicting_ids += other.conflicting_ids
        self.deaths_unrecorded += other.deaths_unrecorded
        self.anomalies += other.anomalies
        self.lookalikes += other.lookalikes

    @property
    def facts(self) -> int:
        """How many facts were delivered, repeats included."""
        return self.by_type.total()

    @property
    def rules(self) -> tuple[str, ...]:
        """Every rule that something was labelled for."""
        return tuple(sorted({rule for rule, _ in (*self.anomalies, *self.lookalikes)}))

    def document(self) -> dict[str, Any]:
        """``totals`` of ``labels.json``."""
        return {
            "facts": self.facts,
            "repeats": self.repeats,
            "conflicting_ids": self.conflicting_ids,
            "facts_by_type": dict(sorted(self.by_type.items())),
            "anomalies_by_rule": {
                rule: sum(count for (of, _), count in self.anomalies.items() if of == rule)
                for rule in self.rules
            },
            "anomalies_by_case": self._by_case(self.anomalies),
            "lookalikes_by_case": self._by_case(self.lookalikes),
            "deaths_unrecorded": self.deaths_unrecorded,
        }

    def _by_case(self, counted: Counter[tuple[str, str]]) -> dict[str, dict[str, int]]:
        return {
            rule: {case: counted[of, case] for of, case in sorted(counted) if of == rule}
            for rule in self.rules
        }
