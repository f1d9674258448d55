"""The textbook Faust application: an agent, a table in memory, one rule.

``python -m deploy.bench.baselines.faust_agent KAFKA TOPIC COUNT FILE FOLDER``
"""

import sys
from pathlib import Path
from typing import Any

import faust

from deploy.bench.baselines import PAID, Watch, over_limit


def application(kafka: str, source: str, folder: Path, watch: Watch) -> Any:
    """Return the application as Faust's own documentation would have it."""
    app = faust.App(
        f"{source}-textbook",
        broker=f"kafka://{kafka}",
        store="memory://",
        value_serializer="json",
        topic_partitions=4,
        consumer_auto_offset_reset="earliest",
        web_enabled=False,
        datadir=str(folder),
    )
    payments = app.topic(source, key_serializer="raw", value_serializer="json")
    findings = app.topic(f"{source}-faust_agent-findings", value_serializer="json")
    paid = app.Table("paid", default=int)

    @app.agent(payments)  # type: ignore[untyped-decorator]
    async def large_payment(stream: Any) -> None:
        async for event in stream.events():
            watch.begin()
            found = False
            if event.headers["ce_type"] == PAID.encode():
                value = event.value
                key = f"{value['household_no']} {value['month']}"
                before, amount = paid[key], value["amount_fen"]
                paid[key] = before + amount
                found = over_limit(before, amount)
                if found:
                    await findings.send(key=key, value={"household_month": key, "paid_fen": before + amount})
            if watch.one(found):
                watch.end()

    return app


def main() -> None:
    """Run the worker until it is stopped."""
    kafka, topic, count, file, folder = sys.argv[1:]
    app = application(kafka, topic, Path(folder), Watch(int(count), Path(file)))
    faust.Worker(app, loglevel="WARNING", debug=False).execute_from_commandline()


if __name__ == "__main__":
    main()
