"""What the chart is told by the code, and which values it takes: without Helm."""

import json
from copy import deepcopy
from typing import Any

import jsonschema
import pytest
import yaml

from deploy.deployment import PROCESSES, WITH_HTTP
from deploy.helm.files import CHART, FOLDER, SETTINGS, acls, texts
from deploy.local.settings import CHECKOUT
from events.catalogue import UPSTREAM_CONTEXTS
from services.platform.acls import Operation, Pattern, Permission, Resource, permissions
from services.platform.topics import topics

VALUES: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
SCHEMA: dict[str, Any] = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
COMPOSE: dict[str, Any] = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text(encoding="utf-8"))


def made(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def refused(**changes: Any) -> list[str]:
    """Return what the schema says against the chart's values with changes, by path (``kafka__nodes=1``)."""
    values = deepcopy(VALUES)
    for path, value in changes.items():
        *parents, last = path.split("__")
        place = values
        for parent in parents:
            place = place[parent]
        place[last] = value
    found = jsonschema.Draft202012Validator(SCHEMA).iter_errors(values)
    return [f"{'.'.join(map(str, one.absolute_path))}: {one.message}" for one in found]


def test_the_files_are_those_that_the_code_makes() -> None:
    """`python -m deploy.helm.files` makes them anew."""
    assert {file.name: file.read_text(encoding="utf-8") for file in FOLDER.iterdir()} == texts()


def test_principals_may_do_in_a_cluster_what_they_may_do_elsewhere() -> None:
    read = {
        Permission(
            principal,
            Resource[entry["resource"]["type"].upper()],
            entry["resource"]["name"],
            {"literal": Pattern.LITERAL, "prefix": Pattern.PREFIXED}[entry["resource"]["patternType"]],
            {"".join(w.capitalize() for w in one.name.split("_")): one for one in Operation}[operation],
        )
        for principal, entries in made("acls").items()
        for entry in entries
        for operation in entry["operations"]
    }
    assert read == {*permissions(SETTINGS, PROCESSES)}
    assert acls().keys() == PROCESSES.keys()


def test_every_topic_is_there_with_its_settings() -> None:
    assert {topic["name"]: topic["config"] for topic in made("topics")} == {
        topic.name: topic.config for topic in topics(SETTINGS)
    }
    whole = {topic.name for topic in topics(SETTINGS) if topic.partitions == 1}
    assert {topic["name"] for topic in made("topics") if not topic["partitioned"]} == whole


@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_is_given_what_it_is_given_in_containers(name: str) -> None:
    is_ = made("processes")[name]
    given = {*is_["keys"], "ca.pem", f"kafka_{name}", f"database_{name}"}
    # In the chart a password for mail is a value, since only those have one whose server asks.
    assert given | ({"web.pem", "web.key"} if is_["http"] else set()) == {
        *COMPOSE["services"][name]["secrets"]
    } - {"smtp_password"}
    assert ["serve", *is_["services"]] == COMPOSE["services"][name]["command"]
    assert is_["http"] == (name in WITH_HTTP)


def test_values_and_their_schema_know_every_process_and_no_other() -> None:
    assert {*VALUES["processes"]} == {*PROCESSES}
    assert {*SCHEMA["properties"]["processes"]["properties"]} == {*PROCESSES}
    assert {*SCHEMA["properties"]["processes"]["required"]} == {*PROCESSES}
    assert made("upstreams").keys() == {*UPSTREAM_CONTEXTS}
    listed = SCHEMA["properties"]["upstreams"]["additionalProperties"]["items"]["enum"]
    assert tuple(listed) == UPSTREAM_CONTEXTS


def test_the_charts_own_values_are_taken() -> None:
    assert refused() == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"kafka__nodez": 3}, "kafka: Additional properties are not allowed ('nodez' was unexpected)"),
        ({"kafka__nodes": 1}, "kafka.nodes: 1 is less than the minimum of 3"),
        ({"kafka__replication": 1}, "kafka.replication: 1 is less than the minimum of 3"),
        ({"kafka__enabled": False}, "kafka.bootstrap: '' should be non-empty"),
        ({"kafka__enabled": False}, "network.kafka: [] should be non-empty"),
        ({"postgres__enabled": False}, "network.postgres: [] should be non-empty"),
        ({"kafka__enabled": "false"}, "kafka.enabled: 'false' is not of type 'boolean'"),
        (
            {"processes__nobody": {}},
            "processes: Additional properties are not allowed ('nobody' was unexpected)",
        ),
        (
            {"processes__journal__replicas": 2},
            "processes.journal.replicas: 2 is greater than",
        ),
        ({"processes__closer__autoscale": {}}, "processes.closer: Additional properties are not allowed"),
        ({"processes__closer__replicas": "two"}, "processes.closer.replicas: 'two' is not of type 'integer'"),
        ({"environment": {"PATH": "/"}}, "environment: 'PATH' does not match"),
        (
            {"environment": {"DIBAO_DATABASE_URL": "postgresql://a:b@c/d"}},
            "environment: 'DIBAO_DATABASE_URL'",
        ),
        ({"environment": {"OTEL_EXPORTER_OTLP_HEADERS": "x"}}, "environment: 'OTEL_EXPORTER_OTLP_HEADERS'"),
        ({"environment": {"DIBAO_ALERT_MAIL_PASSWORD": "x"}}, "environment: 'DIBAO_ALERT_MAIL_PASSWORD'"),
        ({"processes__closer__files": {"DIBAO_X_FILE": "master.key"}}, "processes.closer.files.DIBAO_X_FILE"),
        ({"upstreams": {"bank": ["payment"]}}, "upstreams.bank.0: 'payment' is not one of ['enrollment'"),
        ({"upstreams": {"operator": ["payments"]}}, "upstreams: 'operator' should not be valid"),
        ({"postgres__backup__method": "plugin"}, "postgres.backup.store: '' should be non-empty"),
        ({"postgres__backup__schedule": "0 2 * * *"}, "postgres.backup.schedule: '0 2 * * *' does not match"),
        ({"postgres__parameters": {"log_statement": "all"}}, "postgres.parameters: 'log_statement'"),
        ({"network__people": [{}]}, "network.people.0: {} should be non-empty"),
        ({"image__digest": "latest"}, "image.digest: 'latest' does not match"),
        ({"secret": "Dibao_Secret"}, "secret: 'Dibao_Secret' does not match"),
    ],
)
def test_a_value_that_means_nothing_is_refused_by_its_place(changes: dict[str, Any], said: str) -> None:
    found = refused(**changes)
    assert any(one.startswith(said) for one in found), found
