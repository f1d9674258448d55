"""The same on quixstreams: state in RocksDB with its changelog, one rule.

``python -m deploy.bench.baselines.quix KAFKA TOPIC COUNT FILE FOLDER``
"""

import sys
from pathlib import Path
from typing import Any

from quixstreams import Application

from deploy.bench.baselines import PAID, Watch, over_limit


def run(kafka: str, source: str, count: int, watch: Watch, folder: Path) -> None:
    """Process ``count`` records and return."""
    app = Application(
        broker_address=kafka,
        consumer_group=f"{source}-quix",
        auto_offset_reset="earliest",
        state_dir=str(folder),
        loglevel="WARNING",
    )
    payments = app.topic(source, key_deserializer="str", value_deserializer="json")
    findings = app.topic(f"{source}-quix-findings", value_serializer="json")

    def large_payment(
        value: dict[str, Any], key: Any, timestamp: int, headers: Any, state: Any
    ) -> dict[str, Any] | None:
        watch.begin()
        found: dict[str, Any] | None = None
        if dict(headers)["ce_type"] == PAID.encode():
            month = value["month"]
            before, amount = state.get(month, 0), value["amount_fen"]
            state.set(month, before + amount)
            if over_limit(before, amount):
                found = {"household_month": f"{value['household_no']} {month}", "paid_fen": before + amount}
        if watch.one(found is not None):
            watch.end()
        return found

    stream = app.dataframe(payments).apply(large_payment, stateful=True, metadata=True)
    stream.filter(lambda found: found is not None).to_topic(findings)
    app.run(count=count)


def main() -> None:
    """Run once through the log."""
    kafka, topic, count, file, folder = sys.argv[1:]
    run(kafka, topic, int(count), Watch(int(count), Path(file)), Path(folder))


if __name__ == "__main__":
    main()
