"""The golden log: records of every type as each release wrote them, and what they are read as.

python -m tests.contract.golden VERSION     writes the files of a release, once
"""

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.contract.releases import number, released
from deploy.contract.specimens import specimens
from events.catalogue import log_topic
from events.codec import decode
from events.envelope import Event, Record
from projections.fact import FACT, header
from services.detection.rows import fact_rows

FOLDER = Path(__file__).parents[1] / "golden" / "log"


@dataclass(frozen=True, slots=True)
class Golden:
    """A record that a release wrote, and what it is read as."""

    version: str
    fact: dict[str, Any]
    topic: str
    key: bytes
    headers: list[tuple[str, bytes]]
    value: bytes
    expected: dict[str, Any]

    @property
    def type(self) -> str:
        """The type that the record says it has."""
        return dict(self.headers)["ce_type"].decode()

    @property
    def event(self) -> Event:
        """The record, read."""
        return decode(self.value, self.headers)


def versions() -> list[str]:
    """The releases of which there are records, in order."""
    names = [file.name.removesuffix(".ndjson") for file in FOLDER.glob("*.ndjson")]
    return sorted((name for name in names if not name.endswith(".expected")), key=number)


def records(version: str) -> list[Golden]:
    """The records of a release."""
    lines = zip(_lines(f"{version}.ndjson"), _lines(f"{version}.expected.ndjson"), strict=True)
    return [
        Golden(
            version,
            written["fact"],
            written["topic"],
            written["key"].encode(),
            [(name, value.encode()) for name, value in written["headers"]],
            written["value"].encode(),
            expected,
        )
        for written, expected in lines
    ]


def read_as(event: Event, topic: str) -> dict[str, Any]:
    """What a record is read as: its model, the projection's header row, where detection keeps it."""
    _, row = header(Record(topic, 0, 0, event))
    columns = zip((column.name for column in FACT.columns), row, strict=True)
    return {
        "type": event.type,
        "event_id": str(event.event_id),
        "source": event.source,
        "serial": event.serial,
        "time": event.time.isoformat(),
        "digest": event.digest,
        "data": event.fact.model_dump(mode="json", by_alias=True, exclude_unset=True),
        "row": {
            name: value if isinstance(value, bool) else str(value)
            for name, value in columns
            if value is not None
        },
        "detection": [[row.subject, row.kind, row.month, row.ref] for row in fact_rows(event)],
    }


def owed(version: str) -> set[str]:
    """The types of which a release must have a record: those that are new in it, or changed."""
    all_of_them = released()
    earlier = [each for each in all_of_them if number(each) < number(version)]
    before = all_of_them[earlier[-1]] if earlier else {}
    return {name for name, row in all_of_them[version].items() if before.get(name) != row}


def write(version: str) -> None:
    """Write the files of a release. Refuses to write over them."""
    made, read = [], []
    for name, specimen in specimens().items():
        if name not in owed(version):
            continue
        topic = log_topic("dibao", specimen.entry.context)
        made.append(
            {
                "fact": specimen.fact,
                "topic": topic,
                "key": specimen.key.decode(),
                "headers": [[header, value.decode()] for header, value in specimen.headers],
                "value": specimen.value.decode(),
            }
        )
        read.append(read_as(decode(specimen.value, specimen.headers), topic))
    _write(f"{version}.ndjson", made)
    _write(f"{version}.expected.ndjson", read)


def _lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]


def _write(name: str, lines: Iterable[dict[str, Any]]) -> None:
    with (FOLDER / name).open("x", encoding="utf-8") as out:
        out.writelines(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)


if __name__ == "__main__":
    write(sys.argv[1])
