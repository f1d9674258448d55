"""The AsyncAPI document, judged by the AsyncAPI initiative's own parser (npm, through node)."""

import json
import shutil
import subprocess
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from deploy.contract.export import FOLDER
from events.catalogue import CONTEXTS, TYPES, UPSTREAM_CONTEXTS, VERSION

HERE = Path(__file__).parent
DOCUMENT: dict[str, Any] = json.loads((FOLDER / "asyncapi.json").read_text(encoding="utf-8"))

ERROR, WARNING = 0, 1
"""Severities of the parser's diagnostics."""


def small() -> dict[str, Any]:
    """The document with what concerns payments only: quicker to judge."""
    document = deepcopy(DOCUMENT)
    kept = {"log.payments", "intake.payments"}
    document["channels"] = {name: each for name, each in document["channels"].items() if name in kept}
    document["operations"] = {
        name: each
        for name, each in document["operations"].items()
        if each["channel"]["$ref"].removeprefix("#/channels/") in kept
    }
    messages = document["components"]["messages"]
    document["components"]["messages"] = {
        name: each for name, each in messages.items() if ".payments." in name
    }
    return document


def without_the_schema_of_an_account(document: dict[str, Any]) -> None:
    del document["components"]["schemas"]["Account"]


def with_partitions_in_words(document: dict[str, Any]) -> None:
    document["channels"]["log.payments"]["bindings"]["kafka"]["partitions"] = "four"


def with_an_operation_on_no_channel(document: dict[str, Any]) -> None:
    document["operations"]["publish.payments"]["channel"]["$ref"] = "#/channels/nowhere"


WRONG: list[Callable[[dict[str, Any]], None]] = [
    without_the_schema_of_an_account,
    with_partitions_in_words,
    with_an_operation_on_no_channel,
]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What the parser says of the document, of a part of it, and of that part done wrong, by name."""
    if shutil.which("node") is None or not (HERE / "node_modules" / "@asyncapi" / "parser").is_dir():
        pytest.fail("the AsyncAPI parser is not installed: run `make tools` (it needs Node.js with npm)")
    folder = tmp_path_factory.mktemp("asyncapi")
    files = {"whole": FOLDER / "asyncapi.json", "small": folder / "small.json"}
    files["small"].write_text(json.dumps(small()), encoding="utf-8")
    for change in WRONG:
        document = small()
        change(document)
        files[change.__name__] = folder / f"{change.__name__}.json"
        files[change.__name__].write_text(json.dumps(document), encoding="utf-8")
    said = subprocess.run(
        ["node", "validate.mjs", *map(str, files.values())], cwd=HERE, capture_output=True, text=True
    )
    assert said.returncode == 0, said.stderr
    answers = json.loads(said.stdout)
    return {name: answers[str(file)] for name, file in files.items()}


def errors(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in answer["diagnostics"] if each["severity"] in (ERROR, WARNING)]


def test_the_document_is_valid(judged: dict[str, dict[str, Any]]) -> None:
    whole = judged["whole"]
    assert errors(whole) == []
    assert whole["version"] == DOCUMENT["asyncapi"] == "3.0.0"
    assert whole["messages"] == len(TYPES) + sum(entry.from_upstream for entry in TYPES) + 1


def test_it_has_every_topic_and_who_may_do_what_there(judged: dict[str, dict[str, Any]]) -> None:
    whole = judged["whole"]
    log = [f"dibao.{context}" for context in CONTEXTS]
    intake = [f"dibao.intake.{context}" for context in UPSTREAM_CONTEXTS]
    assert sorted(whole["channels"]) == sorted([*log, *intake, "dibao.dlq"])
    assert sorted(whole["operations"]) == sorted(
        [
            *(f"receive follow.{context}" for context in CONTEXTS),
            *(f"send publish.{context}" for context in UPSTREAM_CONTEXTS),
            "receive follow.dead_letters",
        ]
    )


def test_a_part_of_it_is_valid_too(judged: dict[str, dict[str, Any]]) -> None:
    assert errors(judged["small"]) == []


@pytest.mark.parametrize("wrong", [change.__name__ for change in WRONG])
def test_a_wrong_document_is_found_wrong(judged: dict[str, dict[str, Any]], wrong: str) -> None:
    assert errors(judged[wrong])


def misfits(message: dict[str, Any]) -> list[str]:
    """What in a message's examples does not fit its schemas; the parser does not look at them."""
    found: list[str] = []
    for part in ("headers", "payload"):
        schema = {**message[part], "components": DOCUMENT["components"]}
        for example in message["examples"]:
            if part in example:
                found += [error.message for error in Draft202012Validator(schema).iter_errors(example[part])]
    return found


MESSAGES: dict[str, dict[str, Any]] = {
    name: each for name, each in DOCUMENT["components"]["messages"].items() if name != "dead_letter"
}


@pytest.mark.parametrize("message", MESSAGES.values(), ids=MESSAGES.keys())
def test_a_messages_example_fits_its_schemas(message: dict[str, Any]) -> None:
    assert message["examples"][0]["payload"]
    assert misfits(message) == []


def test_an_example_that_does_not_fit_is_found() -> None:
    paid = deepcopy(MESSAGES["intake.payments.paid.v1"])
    paid["examples"][0]["payload"]["data"]["amount_fen"] = "540 yuan"
    assert misfits(paid)
    paid = deepcopy(MESSAGES["log.payments.paid.v1"])
    del paid["examples"][0]["headers"]["ce_id"]
    assert misfits(paid) == ["'ce_id' is a required property"]


def test_topics_are_described_as_they_are_created() -> None:
    paid = DOCUMENT["channels"]["log.payments"]["bindings"]["kafka"]
    assert paid["partitions"] == 4
    assert paid["topicConfiguration"]["retention.ms"] == -1
    assert DOCUMENT["channels"]["log.policy"]["bindings"]["kafka"]["partitions"] == 1
    intake = DOCUMENT["channels"]["intake.payments"]["bindings"]["kafka"]["topicConfiguration"]
    assert intake["retention.ms"] == 72 * 3600 * 1000


def test_it_names_no_real_host_and_the_contracts_version() -> None:
    [server] = DOCUMENT["servers"].values()
    assert server["host"] == "{bootstrap}"
    assert server["variables"]["bootstrap"]["default"].partition(":")[0].endswith(".example")
    assert DOCUMENT["info"]["version"] == VERSION
