"""Kafka is told the same wherever it runs: here, in a container, on Kubernetes."""

import re

from deploy.local.kafka import SETTINGS
from deploy.local.settings import CHECKOUT

PROMISED = {
    *("auto.create.topics.enable", "transaction.max.timeout.ms", "group.min.session.timeout.ms"),
    *("offsets.retention.minutes", "message.max.bytes", "replica.fetch.max.bytes"),
}
"""What the services count on; the rest is how large a machine is."""


def test_the_container_has_the_settings_of_the_local_one() -> None:
    text = (CHECKOUT / "deploy/image/kafka/server.properties").read_text(encoding="utf-8")
    told = dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))
    assert {name: told.get(name) for name in SETTINGS} == SETTINGS


def test_the_chart_says_what_is_promised() -> None:
    text = (CHECKOUT / "deploy/helm/dibao/templates/kafka.yaml").read_text(encoding="utf-8")
    told = dict(re.findall(r"^ +([a-z.]+): ([a-z0-9]+)$", text, re.MULTILINE))
    assert {name: told.get(name) for name in PROMISED} == {name: SETTINGS[name] for name in PROMISED}
    for name in SETTINGS.keys() & told.keys():
        assert told[name] == SETTINGS[name], name
