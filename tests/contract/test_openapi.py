"""The OpenAPI documents: valid, kept by the intake, and good enough for programs to be made of them."""

import json
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from deploy.contract.openapi import document
from events.catalogue import TYPES, UPSTREAM_CONTEXTS
from services.platform.settings import Settings
from tests.contract.serving import run, served
from tests.operator import OPERATOR_KEY
from tests.services.intake.multipart_file import FILE
from tests.services.platform.golden import facts_of

_SECONDS = (10, pytest.param(60, marks=pytest.mark.slow))


@pytest.mark.parametrize("seconds", _SECONDS)
async def test_schemathesis_finds_nothing(listening: Settings, tmp_path: Path, seconds: int) -> None:
    key = OPERATOR_KEY
    program = str(Path(sys.executable).with_name("schemathesis"))
    async with served(listening, "payments") as address:
        code, said = await run(
            program,
            "--config-file",
            str(Path(__file__).with_name("schemathesis.toml")),
            "run",
            f"{address}/openapi.json",
            "--header",
            f"Authorization: Bearer {key}",
            "--max-time",
            str(seconds),
            "--seed",
            "1",
            "--continue-on-failure",
            folder=tmp_path,
        )
    assert code == 0, said


USE = """
import json, sys
from io import BytesIO

from made import AuthenticatedClient
from made.api.default import ask_after_fact, get_health, get_receipt, get_template
from made.api.default import hand_over_file, state_facts
from made.models import HandOverFileFilesBody, Item, PaidEvent, Problem
from made.types import File

address, key, fact = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
csv = sys.stdin.buffer.read()
client = AuthenticatedClient(base_url=address, token=key)

item = state_facts.sync(client=client, body=PaidEvent.from_dict(fact))
assert isinstance(item, Item) and item.status == "accepted", item
fact["id"], fact["data"]["amount_fen"] = "another", 0
problem = state_facts.sync(client=client, body=PaidEvent.from_dict(fact))
assert isinstance(problem, Problem), problem
assert [(error.field, error.code) for error in problem.errors] == [("data.amount_fen", "more-than")], problem

form = HandOverFileFilesBody(file=File(BytesIO(csv), "六月.csv", "text/csv"), source="/office/500102")
first = hand_over_file.sync(client=client, body=form)
assert first.accepted == 1 and not first.rejects, first
again = hand_over_file.sync(
    client=client, body=File(BytesIO(csv)), name="a.csv", source="/office/500102"
)
assert again.repeated == 1, again
assert get_receipt.sync(again.id, client=client) == again
state = ask_after_fact.sync(client=client, source="/office/500102", id="R131-1")
assert state.status == "accepted", state
assert isinstance(ask_after_fact.sync(client=client, source="/office/500102", id="none"), Problem)
assert get_health.sync(client=client).status == "ok"
assert get_template.sync_detailed("paid", client=client).content.startswith(b"PK")
print("all of it works")
"""


async def test_a_client_made_from_it_works(listening: Settings, tmp_path: Path) -> None:
    key = OPERATOR_KEY
    async with served(listening, "payments") as address:
        code, said = await run(
            sys.executable,
            "-m",
            "openapi_python_client",
            "generate",
            "--url",
            f"{address}/openapi.json",
            "--output-path",
            "made",
            "--meta",
            "none",
            folder=tmp_path,
        )
        assert code == 0, said
        (tmp_path / "use.py").write_text(USE, encoding="utf-8")
        fact = json.dumps(next(fact for fact in facts_of("payments") if fact["type"].endswith("paid.v1")))
        code, said = await run(sys.executable, "use.py", address, key, fact, folder=tmp_path, given=FILE)
    assert (code, said.strip()) == (0, "all of it works"), said


@pytest.mark.parametrize("context", UPSTREAM_CONTEXTS)
def test_a_document_is_valid_and_describes_every_body(context: str) -> None:
    described = document(context)
    schemas = described["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    post = described["paths"]["/events"]["post"]
    assert set(post["requestBody"]["content"]) == {
        "application/cloudevents+json",
        "application/cloudevents-batch+json",
        "application/json",
        "application/x-ndjson",
    }
    examples = post["requestBody"]["content"]["application/cloudevents+json"]["examples"]
    for name, example in examples.items():
        root = {"$ref": "#/components/schemas/Event", "components": {"schemas": schemas}}
        assert Draft202012Validator(root).is_valid(example["value"]), name
    types = {example["value"]["type"] for example in examples.values()}
    assert types == {entry.name for entry in TYPES if entry.context == context and entry.from_upstream}
    for path in described["paths"].values():
        for operation in path.values():
            for status, answer in operation["responses"].items():
                assert ("application/problem+json" in answer.get("content", ())) == (int(status) >= 400)
