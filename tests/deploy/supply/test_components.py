"""Every component is listed, and stands under a licence that is allowed."""

import json
import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from deploy.local.errors import StackError
from deploy.local.settings import CHECKOUT
from deploy.supply.components import Component, components
from deploy.supply.licences import Policy, licence_of, policy, refused
from deploy.supply.sbom import document


@cache
def whole() -> tuple[Component, ...]:
    return tuple(components())


def component(*licences: str, name: str = "some") -> Component:
    return Component(kind="pypi", name=name, version="1", purl=f"pkg:pypi/{name}@1", licences=licences)


def test_every_licence_is_allowed() -> None:
    assert refused(whole(), policy()) == []


def test_nothing_is_allowed_that_nobody_needs() -> None:
    """A permission that is left over would let in what nobody has looked at."""
    said = {name for each in whole() for name in each.licences}
    terms = " ".join(licence_of(each, policy()) or "" for each in whole())
    assert set(policy().allowed) - set(re.findall(r"[\w.-]+", terms)) == set()
    assert set(policy().called) - said == set()
    assert set(policy().read) - {f"{each.kind} {each.name}" for each in whole()} == set()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (("AGPL-3.0-only",), "pypi some 1: AGPL-3.0-only is not allowed"),
        (("MIT AND GPL-3.0-only",), "pypi some 1: MIT AND GPL-3.0-only is not allowed"),
        (("MIT", "GPL-3.0-only"), "pypi some 1: GPL-3.0-only AND MIT is not allowed"),
        ((), "pypi some 1: its licence is not known (it names none)"),
        (("Proprietary",), "pypi some 1: its licence is not known (it names Proprietary)"),
        (("ask us",), "pypi some 1: its licence is not known (it names ask us)"),
    ],
)
def test_another_licence_is_refused_by_the_name_of_its_component(
    said: tuple[str, ...], sentence: str
) -> None:
    assert refused([component(*said)], policy()) == [sentence]


@pytest.mark.parametrize(
    "said", [("MIT",), ("GPL-3.0-only OR MIT",), ("MIT License",), ("MIT", "Apache 2.0")]
)
def test_who_may_be_chosen_from_several_is_allowed_by_one(said: tuple[str, ...]) -> None:
    by = Policy(
        allowed={"MIT": "", "Apache-2.0": ""},
        called={"MIT License": "MIT", "Apache 2.0": "Apache-2.0"},
        read={},
    )
    assert refused([component(*said)], by) == []


def test_the_list_has_all_that_the_locks_pin() -> None:
    found = {(each.kind, each.name, each.version) for each in whole()}
    assert {name for kind, name, _ in found if kind == "pypi"} >= {"aiokafka", "cryptography", "asyncpg"}
    assert ("maven", "org.apache.kafka:kafka_2.13", "4.4.0") in found
    assert ("npm", "@asyncapi/parser", "3.6.3") in found
    lock = (CHECKOUT / "requirements.lock").read_text(encoding="utf-8")
    pinned = set(re.findall(r"^([A-Za-z0-9._-]+)(?:\[.*\])?==([^\s;]+) \\$", lock, re.MULTILINE))
    assert len(pinned) > 100
    assert {(name, version) for kind, name, version in found if kind == "pypi"} == pinned


def test_a_lock_that_is_not_installed_is_no_list(tmp_path: Path) -> None:
    (tmp_path / "requirements.lock").write_text("httpx==0.0.1 \\\n    --hash=sha256:0\n")
    with pytest.raises(StackError, match=r"httpx is installed as .*, and requirements.lock has 0\.0\.1"):
        components(["pypi"], tmp_path)
    (tmp_path / "requirements.lock").write_text("nobody-has-this==1 \\\n    --hash=sha256:0\n")
    with pytest.raises(StackError, match=r"nobody-has-this 1 of requirements\.lock is not installed"):
        components(["pypi"], tmp_path)


def test_the_document_is_what_cyclonedx_says_it_is() -> None:
    text = document(whole(), policy())
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    said = json.loads(text)
    assert said["metadata"]["component"]["name"] == "dibao"
    by_purl = {each["purl"]: each for each in said["components"]}
    assert by_purl.keys() == {each.purl for each in whole()}
    assert all(each["licenses"] for each in by_purl.values())
    needs = {each["ref"]: each.get("dependsOn", []) for each in said["dependencies"]}
    assert set(needs["dibao"]) == by_purl.keys()
    (httpx,) = (purl for purl in by_purl if purl.startswith("pkg:pypi/httpx@"))
    assert any(need.startswith("pkg:pypi/httpcore@") for need in needs[httpx])
    assert any("kafka-clients" in need for ref in needs if "kafka_2.13" in ref for need in needs[ref])


def test_a_document_with_another_version_is_not_what_cyclonedx_says() -> None:
    """So that the check before can fail."""
    text = document([replace(component("MIT"), digests={"SHA-512": "ab"})], policy())
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text.replace('"1.6"', '"9"')) is not None
