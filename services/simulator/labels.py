"""What the world knows to be irregular, and what only looks so. Nothing here reads facts or applies rules."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from services.simulator.people import Person
from services.simulator.settings import Settings

RULES = (
    "paid-after-death",
    "name-mismatch",
    "shared-account",
    "unentitled",
    "large-payment",
    "custody-expired",
)

Key = tuple[tuple[str, str], ...]


@dataclass(slots=True, eq=False)
class Anomaly:
    """One irregularity that the world caused. One that needs a death counts once that is recorded."""

    rule: str
    case: str
    key: Key
    extras: dict[str, Any]
    death: Person | None = None


@dataclass
class Labels:
    """The book that the world writes as things happen."""

    _open: dict[tuple[str, Key], Anomaly] = field(default_factory=dict)
    _lookalikes: dict[tuple[str, str, Key], dict[str, Any]] = field(default_factory=dict)
    conflicts: list[dict[str, str]] = field(default_factory=list)

    def irregular(
        self, rule: str, case: str, key: dict[str, str], death: Person | None = None, **extras: Any
    ) -> Anomaly:
        """Record an irregularity. Raises ValueError where the world would cause the same one twice."""
        anomaly = Anomaly(rule, case, tuple(key.items()), extras, death)
        if self._open.setdefault((rule, anomaly.key), anomaly) is not anomaly:
            earlier = self._open[rule, anomaly.key].case
            raise ValueError(f"{rule} {anomaly.key} is caused twice: {earlier}, {case}")
        return anomaly

    def undo(self, anomalies: Iterable[Anomaly]) -> None:
        """Forget irregularities that were put right."""
        for anomaly in anomalies:
            self._open.pop((anomaly.rule, anomaly.key), None)

    def lawful(self, rule: str, case: str, key: dict[str, str]) -> None:
        """Record something that resembles a rule's irregularity and is none."""
        self._lookalikes[rule, case, tuple(key.items())] = {"rule": rule, "key": key, "case": case}

    def anomalies(self) -> list[dict[str, Any]]:
        """The irregularities that recorded facts show, in the order in which they were caused."""
        return [
            {"rule": a.rule, "key": dict(a.key), **a.extras, "case": a.case}
            for a in self._open.values()
            if a.death is None or a.death.death_recorded
        ]

    def lookalikes(self) -> list[dict[str, Any]]:
        """The lawful look-alikes, in the order in which they happened."""
        return list(self._lookalikes.values())

    def document(self, settings: Settings, by_type: Counter[str], repeats: int) -> dict[str, Any]:
        """The content of ``labels.json``."""
        anomalies, lookalikes = self.anomalies(), self.lookalikes()
        return {
            "settings": {
                "households": settings.households,
                "from": settings.first,
                "to": settings.last,
                "seed": settings.seed,
            },
            "seed": settings.seed,
            "as_of": settings.as_of.isoformat(),
            "totals": {
                "facts": sum(by_type.values()),
                "repeats": repeats,
                "conflicting_ids": len(self.conflicts),
                "facts_by_type": dict(sorted(by_type.items())),
                "anomalies_by_rule": {rule: sum(a["rule"] == rule for a in anomalies) for rule in RULES},
                "anomalies_by_case": _by_case(anomalies),
                "lookalikes_by_case": _by_case(lookalikes),
                "deaths_unrecorded": sum(
                    1 for a in self._open.values() if a.death is not None and not a.death.death_recorded
                ),
            },
            "anomalies": anomalies,
            "lookalikes": lookalikes,
            "conflicts": self.conflicts,
        }


def _by_case(records: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    counted = Counter((record["rule"], record["case"]) for record in records)
    return {rule: {case: counted[r, case] for r, case in sorted(counted) if r == rule} for rule in RULES}
