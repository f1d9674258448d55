"""What the chart is told by the code: processes, topics and permissions, as JSON that templates range over.

python -m deploy.helm.files
"""

import json
from pathlib import Path
from typing import Any

from deploy.deployment import PROCESSES, WITH_HTTP
from events.catalogue import UPSTREAM_CONTEXTS, intake_topic
from services.platform.acls import Pattern, Permission, Resource, permissions
from services.platform.settings import Settings
from services.platform.topics import topics

CHART = Path(__file__).parent / "dibao"
FOLDER = CHART / "files"

SETTINGS = Settings(topic_prefix="dibao", partitions=2, replication=3, intake_hours=72)
"""Of a cluster, whatever the environment says. How many partitions the log has, is a value of the chart."""

_KEYS: dict[str, tuple[str, ...]] = {"journal": ("journal.key",)}
_OTHERS_KEYS = ("master.key", "log.key")


def processes() -> dict[str, Any]:
    """Return what each process is: its services, whether people or offices reach it, which keys it has."""
    return {
        name: {"services": services, "http": name in WITH_HTTP, "keys": _KEYS.get(name, _OTHERS_KEYS)}
        for name, services in PROCESSES.items()
    }


def declared_topics() -> list[dict[str, Any]]:
    """Return every topic, and whether it has as many partitions as the deployment wants (or one)."""
    return [
        {"name": topic.name, "partitioned": topic.partitions > 1, "config": topic.config}
        for topic in topics(SETTINGS)
    ]


def acls() -> dict[str, list[dict[str, Any]]]:
    """Return the permissions of each process's principal, as a KafkaUser states them."""
    return {name: stated(permissions(SETTINGS, {name: services})) for name, services in PROCESSES.items()}


def upstreams() -> dict[str, str]:
    """Return the topic that an upstream of a context may write."""
    return {context: intake_topic(SETTINGS.topic_prefix, context) for context in UPSTREAM_CONTEXTS}


def stated(allowed: list[Permission]) -> list[dict[str, Any]]:
    """Return permissions of one principal as Strimzi's user operator takes them, one entry a resource."""
    operations: dict[tuple[Resource, str, Pattern], list[str]] = {}
    for each in allowed:
        operation = "".join(word.capitalize() for word in each.operation.name.split("_"))
        operations.setdefault((each.resource, each.name, each.pattern), []).append(operation)
    return [
        {
            "resource": {
                "type": resource.name.lower(),
                "name": name,
                "patternType": "prefix" if pattern is Pattern.PREFIXED else "literal",
            },
            "operations": found,
        }
        for (resource, name, pattern), found in operations.items()
    ]


def texts() -> dict[str, str]:
    """Return the files, by name."""
    made = {"processes": processes(), "topics": declared_topics(), "acls": acls(), "upstreams": upstreams()}
    return {f"{name}.json": json.dumps(what, indent=1) + "\n" for name, what in made.items()}


if __name__ == "__main__":
    for name, text in texts().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
