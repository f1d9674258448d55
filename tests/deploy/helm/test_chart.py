"""What the chart makes of values: `make slow ARGS=tests/deploy/helm`. It wants Helm 4 on the path.

What the kinds may hold is in schemas/, so no cluster is asked.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from deploy.deployment import PROCESSES, WITH_HTTP
from deploy.helm.files import CHART, SETTINGS, stated
from deploy.local.settings import CHECKOUT
from services.platform.acls import permissions
from services.platform.settings import Settings
from services.platform.topics import topics

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
OWN, ELSEWHERE, LARGE = (HERE / "values" / f"{name}.yaml" for name in ("own", "elsewhere", "large"))
EVERY = pytest.mark.parametrize("values", [OWN, ELSEWHERE, LARGE], ids=lambda file: file.stem)
COMPOSE: dict[str, Any] = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text(encoding="utf-8"))

Manifest = dict[str, Any]


def helm(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run Helm, wherever Go or a package put it."""
    program = shutil.which("helm", path=os.pathsep.join([os.environ["PATH"], str(Path.home() / "go/bin")]))
    assert program, "Helm 4 is missing: install it (with Go: go install helm.sh/helm/v4/cmd/helm@latest)"
    return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=120, check=False)


@cache
def made(values: Path, *more: str) -> tuple[Manifest, ...]:
    """Return what a release "dibao" in a namespace of the same name consists of."""
    done = helm("template", "dibao", CHART, "--namespace", "dibao", "-f", values, *more)
    assert done.returncode == 0, done.stderr
    return tuple(one for one in yaml.safe_load_all(done.stdout) if one)


def kind(manifests: Iterable[Manifest], *kinds: str) -> dict[str, Manifest]:
    found = [one for one in manifests if one["kind"] in kinds]
    by_name = {one["metadata"]["name"]: one for one in found}
    assert len(by_name) == len(found), "two are called the same"
    return by_name


def pods(manifests: Iterable[Manifest]) -> Iterator[tuple[str, Manifest]]:
    for name, one in kind(manifests, "Deployment", "Job").items():
        yield name.removeprefix("dibao-"), one["spec"]["template"]


def container(pod: Manifest) -> Manifest:
    (only,) = pod["spec"]["containers"]
    return dict(only)


def told(pod: Manifest) -> dict[str, str]:
    env = container(pod)["env"]
    assert len({one["name"] for one in env}) == len(env), "a setting is said twice"
    return {one["name"]: one["value"] for one in env}


def files(pod: Manifest) -> dict[str, str]:
    """Return the files of a pod's secrets, and of which secret each is."""
    (volume,) = (one for one in pod["spec"]["volumes"] if one["name"] == "secrets")
    given = [
        (item["path"], source["secret"]["name"])
        for source in volume["projected"]["sources"]
        for item in source["secret"]["items"]
    ]
    assert len(dict(given)) == len(given)
    return dict(given)


def selected(labels: dict[str, str], selector: Manifest) -> bool:
    expressions = selector.get("matchExpressions", [])
    assert all(one["operator"] == "In" for one in expressions)
    return selector.get("matchLabels", {}).items() <= labels.items() and all(
        labels.get(one["key"]) in one["values"] for one in expressions
    )


def component(pod: Manifest) -> str:
    return str(pod["metadata"]["labels"]["app.kubernetes.io/component"])


# --- what Helm and the servers' APIs take ---


@EVERY
def test_helm_finds_no_fault(values: Path) -> None:
    done = helm("lint", "--strict", CHART, "-f", values)
    assert done.returncode == 0, done.stdout + done.stderr


def schema_of(manifest: Manifest) -> Manifest:
    core = json.loads((HERE / "schemas" / "kubernetes.json").read_text(encoding="utf-8"))
    if manifest["kind"] in core["kinds"]:
        return {"$ref": f"#/$defs/{core['kinds'][manifest['kind']]}", "$defs": core["$defs"]}
    own = HERE / "schemas" / f"{manifest['kind']}.json"
    return dict(json.loads(own.read_text(encoding="utf-8")))


def faults(manifests: Iterable[Manifest]) -> list[str]:
    validators: dict[str, jsonschema.Draft202012Validator] = {}
    found = []
    for one in manifests:
        name = one["kind"]
        if name not in validators:
            validators[name] = jsonschema.Draft202012Validator(schema_of(one))
        found += [
            f"{name} {one['metadata']['name']} {'.'.join(map(str, fault.absolute_path))}: {fault.message}"
            for fault in validators[name].iter_errors(one)
        ]
    return found


@EVERY
def test_every_manifest_is_of_its_kinds_schema(values: Path) -> None:
    assert faults(made(values)) == []


@pytest.mark.parametrize(
    ("of", "name", "place", "value"),
    [
        ("Deployment", "dibao-closer", "spec.template.spec.readOnlyRootFileSystem", True),
        ("Kafka", "dibao", "spec.kafka.replicas", 3),
        ("KafkaTopic", "dibao.dlq", "spec.partitions", "one"),
        ("Cluster", "dibao-postgres", "spec.instances", "three"),
    ],
)
def test_a_field_that_a_kind_does_not_have_would_be_found(of: str, name: str, place: str, value: Any) -> None:
    one = json.loads(json.dumps(kind(made(OWN), of)[name]))
    *parents, last = place.split(".")
    inner = one
    for parent in parents:
        inner = inner[parent]
    inner[last] = value
    assert len(faults([one])) == 1


@EVERY
def test_names_stand_once_and_everything_is_the_releases(values: Path) -> None:
    called = [(one["kind"], one["metadata"]["name"]) for one in made(values)]
    assert len({*called}) == len(called)
    for one in made(values):
        assert one["metadata"]["labels"]["app.kubernetes.io/instance"] == "dibao"


def test_a_value_that_means_nothing_is_refused_by_name() -> None:
    done = helm("template", "dibao", CHART, "-f", OWN, "--set-json", "kafka.nodez=3")
    assert done.returncode != 0 and "nodez" in done.stderr
    done = helm("template", "dibao", CHART, "-f", OWN, "--set-json", "kafka.replication=4")
    assert done.returncode != 0 and "fewer kafka.nodes than copies" in done.stderr
    done = helm("template", "dibao", CHART, "-f", ELSEWHERE, "--set-json", "network.kafka=[]")
    assert done.returncode != 0 and "/network/kafka" in done.stderr


# --- processes ---


@EVERY
def test_every_process_runs_as_it_does_in_containers(values: Path) -> None:
    running = dict(pods(made(values)))
    for name, services in PROCESSES.items():
        assert container(running[name])["args"] == ["serve", *services]
        compose = COMPOSE["services"][name]["environment"]
        # Where Kafka is, and its authority, is another matter here; the journal lies on a volume of its own;
        # whose secret has a password for mail says so in a value.
        apart = {"DIBAO_KAFKA", "DIBAO_KAFKA_CA_FILE", "DIBAO_ALERT_SMTP_PASSWORD_FILE"}
        assert {*compose} - {"DIBAO_ALERT_SMTP_PASSWORD_FILE"} <= {*told(running[name])}
        assert compose.items() - told(running[name]).items() == {
            (key, value)
            for key, value in compose.items()
            if key in apart and (key, value) not in told(running[name]).items()
        }
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    assert f'version = "{chart["appVersion"]}"' in (CHECKOUT / "pyproject.toml").read_text(encoding="utf-8")


@EVERY
def test_every_process_is_asked_whether_it_lives_and_has_caught_up(values: Path) -> None:
    running = dict(pods(made(values)))
    for name in PROCESSES:
        asked = container(running[name])
        assert {"name": "monitor", "containerPort": 9400} in asked["ports"]
        for probe, path in (
            ("startupProbe", "/livez"),
            ("livenessProbe", "/livez"),
            ("readinessProbe", "/readyz"),
        ):
            assert asked[probe]["httpGet"] == {"path": path, "port": "monitor"}
        beginning = asked["startupProbe"]
        assert beginning["periodSeconds"] * beginning["failureThreshold"] >= 300
        # /readyz gives each part five seconds.
        assert asked["readinessProbe"]["timeoutSeconds"] > 5


@EVERY
def test_nothing_runs_as_root_or_could_become_it(values: Path) -> None:
    for name, pod in pods(made(values)):
        spec, inner = pod["spec"], container(pod)
        assert spec["securityContext"]["runAsNonRoot"] and spec["securityContext"]["runAsUser"] >= 10000, name
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert inner["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert not {"initContainers", "hostNetwork", "hostPID", "hostIPC"} & spec.keys()
        assert spec["automountServiceAccountToken"] is False
        assert {"requests", "limits"} <= inner["resources"].keys()
        # With links a service called dibao would be DIBAO_PORT=tcp://…, which is a setting.
        assert spec["enableServiceLinks"] is False
        written = {one["mountPath"] for one in inner["volumeMounts"] if not one.get("readOnly")}
        assert written == ({"/tmp", "/var/lib/dibao"} if name == "journal" else {"/tmp"})


@EVERY
def test_secrets_are_files_and_each_process_has_its_own_only(values: Path) -> None:
    for name, pod in pods(made(values)):
        settings = told(pod)
        assert all("valueFrom" not in one for one in container(pod)["env"])
        assert "envFrom" not in container(pod)
        assert not {"DIBAO_DATABASE_URL", "DIBAO_OPERATOR_KEY", "DIBAO_KAFKA_PASSWORD"} & settings.keys()
        assert not any(re.search("://.*@", value) for value in settings.values())
        named = {
            value.removeprefix("/run/secrets/") for value in settings.values() if "/run/secrets/" in value
        }
        # The database's address names its authority.
        assert named | {"ca.pem"} == files(pod).keys()
        of = "prepare" if component(pod) in ("prepare", "commands") else component(pod)
        assert {one for one in named if one.startswith("database_")} == {f"database_{of}"}
        assert settings["DIBAO_KAFKA_USER"] == ("operator" if of == "prepare" else of), name


def test_of_servers_by_operators_passwords_and_authorities_are_theirs() -> None:
    pod = dict(pods(made(OWN)))["detection"]
    assert files(pod) == {
        "database_detection": "dibao",
        "master.key": "dibao",
        "log.key": "dibao",
        "kafka_detection": "dibao-kafka-detection",
        "kafka-ca.pem": "dibao-cluster-ca-cert",
        "ca.pem": "dibao-postgres-ca",
    }
    assert told(pod)["DIBAO_KAFKA"] == "dibao-kafka-bootstrap:9093"
    elsewhere = dict(pods(made(ELSEWHERE)))["detection"]
    assert {*files(elsewhere).values()} == {"dibao"}
    assert told(elsewhere)["DIBAO_KAFKA"] == "kafka-0.example:9092,kafka-1.example:9092"


@EVERY
def test_dibao_secrets_makes_what_pods_take_from_its_secret(values: Path) -> None:
    """It makes what docker-compose.yml has; the mail server's password is taken where mail is sent."""
    taken = {name for _, pod in pods(made(values)) for name, of in files(pod).items() if of == "dibao"}
    assert taken - {*COMPOSE["secrets"]} - {"kafka-ca.pem"} == set()
    assert ("smtp_password" in taken) is (values is OWN)


@EVERY
def test_who_has_http_has_a_service_and_nobody_else(values: Path) -> None:
    services = kind(made(values), "Service")
    assert {*services} == {f"dibao-{name}" for name in WITH_HTTP}
    running = dict(pods(made(values)))
    for name in WITH_HTTP:
        spec = services[f"dibao-{name}"]["spec"]
        assert spec["selector"].items() <= running[name]["metadata"]["labels"].items()
        assert {"name": "https", "containerPort": 8000} in container(running[name])["ports"]
        assert [port["targetPort"] for port in spec["ports"]] == ["https"]


@EVERY
def test_a_machine_can_be_emptied_but_never_of_two_of_a_process_at_once(values: Path) -> None:
    budgets = kind(made(values), "PodDisruptionBudget")
    assert {*budgets} == {f"dibao-{name}" for name in PROCESSES}
    for name, pod in pods(made(values)):
        if name in PROCESSES:
            spec = budgets[f"dibao-{name}"]["spec"]
            assert spec["maxUnavailable"] == 1
            assert selected(pod["metadata"]["labels"], spec["selector"])


def test_who_follows_the_log_grows_with_the_lag_up_to_its_partitions() -> None:
    scalers = kind(made(OWN), "HorizontalPodAutoscaler")
    assert {*scalers} == {"dibao-detection", "dibao-projector"}
    for name, one in scalers.items():
        spec = one["spec"]
        assert spec["maxReplicas"] == 4
        assert spec["scaleTargetRef"]["name"] == name
        (metric,) = spec["metrics"]
        assert metric["external"]["metric"]["name"] == "dibao_pipeline_lag_records"
        chosen = metric["external"]["metric"]["selector"]["matchLabels"]
        assert chosen == {"namespace": "dibao", "pipeline": name.removeprefix("dibao-")}
        # Else an upgrade would take it back to what the values say.
        assert "replicas" not in kind(made(OWN), "Deployment")[name]["spec"]
    large = kind(made(LARGE), "HorizontalPodAutoscaler")
    assert {name: one["spec"]["maxReplicas"] for name, one in large.items()} == {"dibao-detection": 24}
    assert kind(made(LARGE), "Deployment")["dibao-projector"]["spec"]["replicas"] == 1


@EVERY
def test_the_journal_has_a_volume_that_outlives_the_release_and_one_writer(values: Path) -> None:
    (claim,) = kind(made(values), "PersistentVolumeClaim").values()
    assert claim["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}
    journal = kind(made(values), "Deployment")["dibao-journal"]["spec"]
    assert journal["strategy"] == {"type": "Recreate"} and journal["replicas"] == 1
    volumes = {one["name"]: one for one in journal["template"]["spec"]["volumes"]}
    assert volumes["data"]["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"]


# --- before processes start ---


def test_servers_are_prepared_before_an_upgrade_and_before_their_first_processes() -> None:
    for manifests in (made(OWN, "--is-upgrade"), made(ELSEWHERE), made(ELSEWHERE, "--is-upgrade")):
        job = kind(manifests, "Job")["dibao-prepare"]
        assert job["metadata"]["annotations"]["helm.sh/hook"] == "pre-install,pre-upgrade"
        assert container(job["spec"]["template"])["args"][0] == "prepare"


def test_on_servers_that_begin_with_it_they_are_prepared_beside_them() -> None:
    """A hook would wait for servers that come only after it."""
    (job,) = kind(made(OWN), "Job").values()
    assert "annotations" not in job["metadata"]
    assert job["metadata"]["name"] not in kind(made(OWN, "--is-upgrade"), "Job")


@pytest.mark.parametrize("values", [OWN, ELSEWHERE])
def test_upstreams_are_named_to_whoever_gives_permissions(values: Path) -> None:
    (job,) = kind(made(values), "Job").values()
    arguments = container(job["spec"]["template"])["args"]
    said = ["--upstream", "bank=payments", "--upstream", "police=vitals,identity", "--rate", "bank=2000000"]
    assert arguments == ["prepare", *(said if values is OWN else said[:2])]


def test_a_place_for_commands_is_there_only_where_it_is_wanted() -> None:
    assert "dibao-commands" not in kind(made(OWN), "Deployment")
    pod = kind(made(LARGE), "Deployment")["dibao-commands"]["spec"]["template"]
    assert "operator.key" in files(pod)


# --- Kafka ---


@pytest.mark.parametrize("values", [OWN, LARGE])
def test_kafka_keeps_three_copies_and_acknowledges_what_two_have(values: Path) -> None:
    (pool,) = kind(made(values), "KafkaNodePool").values()
    assert pool["spec"]["replicas"] >= 3 and pool["spec"]["roles"] == ["controller", "broker"]
    (kafka,) = kind(made(values), "Kafka").values()
    assert pool["metadata"]["labels"]["strimzi.io/cluster"] == kafka["metadata"]["name"]
    config = kafka["spec"]["kafka"]["config"]
    assert config["default.replication.factor"] == config["offsets.topic.replication.factor"] == 3
    assert config["min.insync.replicas"] == config["transaction.state.log.min.isr"] == 2
    assert config["auto.create.topics.enable"] is config["unclean.leader.election.enable"] is False
    for topic in kind(made(values), "KafkaTopic").values():
        assert topic["spec"]["replicas"] == 3
        assert topic["spec"]["config"]["min.insync.replicas"] == "2"


def test_kafka_is_spoken_to_with_tls_a_name_and_permissions_only() -> None:
    (kafka,) = kind(made(OWN), "Kafka").values()
    (listener,) = kafka["spec"]["kafka"]["listeners"]
    assert listener["tls"] is True and listener["authentication"] == {"type": "scram-sha-512"}
    assert kafka["spec"]["kafka"]["authorization"] == {"type": "simple", "superUsers": ["operator"]}
    for user in kind(made(OWN), "KafkaUser").values():
        assert user["spec"]["authentication"] == {"type": "scram-sha-512"}


@pytest.mark.parametrize(("values", "partitions"), [(OWN, 4), (LARGE, 24)])
def test_topics_are_those_that_the_processes_expect(values: Path, partitions: int) -> None:
    settings = Settings(topic_prefix="dibao", partitions=partitions, replication=3, intake_hours=72)
    found = kind(made(values), "KafkaTopic")
    assert {name: one["spec"]["partitions"] for name, one in found.items()} == {
        topic.name: topic.partitions for topic in topics(settings)
    }
    for topic in topics(settings):
        assert found[topic.name]["spec"]["config"] == {**topic.config, "min.insync.replicas": "2"}
    assert dict(pods(made(values)))["prepare-first"]
    for _, pod in pods(made(values)):
        assert told(pod)["DIBAO_PARTITIONS"] == str(partitions)
        assert told(pod)["DIBAO_REPLICATION"] == "3"


def test_users_may_do_what_the_permissions_say_and_no_more() -> None:
    users = kind(made(OWN), "KafkaUser")
    upstreams = {"bank": ["payments"], "police": ["vitals", "identity"]}
    wanted = permissions(SETTINGS, PROCESSES, upstreams)
    assert {*users} == {*PROCESSES, *upstreams, "operator"}
    assert "authorization" not in users["operator"]["spec"], "it is a super user"
    for name in (*PROCESSES, *upstreams):
        # A process that has nothing to do with Kafka has no permission, and no empty list of them.
        given = users[name]["spec"].get("authorization", {"type": "simple", "acls": []})
        assert given["type"] == "simple"
        own = stated([one for one in wanted if one.principal == name])
        assert {*map(flat, given["acls"])} == {*map(flat, own)}
        assert len(given["acls"]) == len(own)
    rates = {name: user["spec"]["quotas"] for name, user in users.items() if "quotas" in user["spec"]}
    assert rates == {"bank": {"producerByteRate": 2000000}}
    assert kind(made(ELSEWHERE), "KafkaUser", "KafkaTopic", "Kafka", "KafkaNodePool") == {}


def flat(entry: Manifest) -> tuple[Any, ...]:
    return (*sorted(entry["resource"].items()), *sorted(entry["operations"]))


# --- PostgreSQL ---


def test_postgresql_has_three_copies_and_a_backup_every_day() -> None:
    (cluster,) = kind(made(OWN), "Cluster").values()
    spec = cluster["spec"]
    assert spec["instances"] == 3
    assert spec["postgresql"]["synchronous"] == {"method": "any", "number": 1}
    assert spec["bootstrap"]["initdb"]["database"] == spec["bootstrap"]["initdb"]["owner"] == "dibao"
    assert cluster["metadata"]["annotations"] == {"helm.sh/resource-policy": "keep"}
    (backup,) = kind(made(OWN), "ScheduledBackup").values()
    assert backup["spec"]["cluster"]["name"] == cluster["metadata"]["name"]
    assert len(backup["spec"]["schedule"].split()) == 6, "CloudNativePG's schedules have seconds"


def test_postgresql_logs_no_person_here_either() -> None:
    (cluster,) = kind(made(OWN), "Cluster").values()
    kept = cluster["spec"]["postgresql"]["parameters"]
    compose = dict(one.removeprefix("-c").split("=", 1) for one in COMPOSE["services"]["postgres"]["command"])
    for name, value in compose.items():
        if name.startswith("log_") or name == "timezone":
            assert kept[name] == value


def test_a_backup_may_go_to_an_object_store_and_a_new_cluster_come_from_one() -> None:
    (cluster,) = kind(made(LARGE), "Cluster").values()
    (plugin,) = cluster["spec"]["plugins"]
    assert plugin["isWALArchiver"] and plugin["parameters"] == {"barmanObjectName": "backups"}
    recovery = cluster["spec"]["bootstrap"]["recovery"]
    assert recovery["backup"] == {"name": "dibao-postgres-20261101"}
    assert recovery["recoveryTarget"] == {"targetTime": "2026-11-01 02:00:00+08"}
    (backup,) = kind(made(LARGE), "ScheduledBackup").values()
    assert backup["spec"]["method"] == "plugin"
    assert kind(made(ELSEWHERE), "Cluster", "ScheduledBackup") == {}


# --- the network ---


def policies(values: Path, pod: Manifest) -> list[Manifest]:
    return [
        one["spec"]
        for one in kind(made(values), "NetworkPolicy").values()
        if selected(pod["metadata"]["labels"], one["spec"]["podSelector"])
    ]


def ports(rules: Iterable[Manifest], way: str) -> set[Any]:
    return {port["port"] for rule in rules for one in rule.get(way, ()) for port in one["ports"]}


@EVERY
def test_policies_cover_every_pod_and_each_reaches_its_servers_only(values: Path) -> None:
    servers = {53, 9092, 6432} if values is ELSEWHERE else {53, 9093, 5432}
    for name, pod in pods(made(values)):
        rules = policies(values, pod)
        both = [one for one in rules if one["policyTypes"] == ["Ingress", "Egress"]]
        assert [one.keys() for one in both] == [{"podSelector", "policyTypes"}], "nothing, but what follows"
        further = {443} if (values, name) == (OWN, "alerting") else set()
        further |= {4318} if values is LARGE else set()  # where a collector of traces is named
        assert ports(rules, "egress") == servers | further
        people = {"https"} if values is OWN and name in WITH_HTTP else set()
        assert ports(rules, "ingress") == {"monitor"} | people
        for rule in rules:
            for way, peers in (("egress", "to"), ("ingress", "from")):
                assert all(one[peers] and one["ports"] for one in rule.get(way, ())), "whoever, or whatever"


def test_postgresql_is_reached_by_dibao_and_its_operator() -> None:
    policy = kind(made(OWN), "NetworkPolicy")["dibao-postgres"]["spec"]
    assert policy["podSelector"] == {"matchLabels": {"cnpg.io/cluster": "dibao-postgres"}}
    clients = policy["ingress"][0]
    assert [port["port"] for port in clients["ports"]] == [5432]
    for _, pod in pods(made(OWN)):
        assert any(selected(pod["metadata"]["labels"], peer["podSelector"]) for peer in clients["from"])


def test_prometheus_finds_every_process_where_it_is_one_of_an_operator() -> None:
    (monitor,) = kind(made(OWN), "PodMonitor").values()
    assert monitor["metadata"]["labels"]["release"] == "prometheus"
    assert [one["port"] for one in monitor["spec"]["podMetricsEndpoints"]] == ["monitor"]
    for _, pod in pods(made(OWN)):
        assert selected(pod["metadata"]["labels"], monitor["spec"]["selector"])
    assert kind(made(ELSEWHERE), "PodMonitor") == {}
