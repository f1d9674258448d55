"""Standing rules that a reader of the tree would check: names, pins, paths, README, invented people only."""

import json
import re
from pathlib import Path

import pytest

from tests.house.tree import ROOT, text_of, texts, tracked

FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc"}

EXACT_PINS = ("faust-streaming", "aiokafka", "mode-streaming")
"""Their internals are overridden, so another version is another program."""

TOP_LEVEL = {
    *("events", "projections", "services", "deploy", "tests", "docs", ".ci"),
    *("docker-compose.yml", "docker-compose.servers.yml", "Dockerfile", ".dockerignore", ".gitignore"),
    *("pyproject.toml", "requirements.in", "requirements.lock", "Makefile"),
    *("README.md", "README.zh-CN.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE"),
}


def test_modules_are_named_by_what_they_are() -> None:
    nameless = [
        str(file.relative_to(ROOT))
        for file in tracked()
        if FORBIDDEN_NAMES & {part.removesuffix(".py") for part in file.relative_to(ROOT).parts}
    ]
    assert nameless == []


def test_the_top_level_is_fixed() -> None:
    assert {file.relative_to(ROOT).parts[0] for file in tracked()} - TOP_LEVEL == set()


def test_every_folder_says_what_it_is_for() -> None:
    silent = [
        str(file.relative_to(ROOT))
        for file in tracked()
        if file.name == "__init__.py" and not re.match(r'r?"""\S', text_of(file))
    ]
    assert silent == []


SHARING = re.compile(
    r"^\s*(?:from|import) tests(?:\.\w+)*\.test_|^\s*from tests[.\w]* import .*\btest_", re.MULTILINE
)


def test_what_tests_share_stands_beside_them_and_not_in_one_of_them() -> None:
    """Nothing imports from a file of tests: whoever changes one need not ask who else reads it."""
    assert SHARING.search("from tests.house.test_house import ROOT")
    assert SHARING.search("from tests.house import test_house")
    assert [path for path, text in texts() if path.endswith(".py") and SHARING.search(text)] == []


# --- requirements.lock ---


def entries() -> list[str]:
    """The lock's requirements, each with its hashes, comments left out."""
    lines = [line for line in text_of(ROOT / "requirements.lock").splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n", " ", "\n".join(line for line in lines if not line.lstrip().startswith("#")))
    return [entry for entry in joined.splitlines() if entry.strip()]


def test_every_locked_requirement_has_a_version_and_hashes() -> None:
    assert len(entries()) > 30
    for entry in entries():
        assert re.match(r"[A-Za-z0-9._-]+(\[[a-z,]+\])?==\S+", entry), entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry


def test_the_lock_names_no_address() -> None:
    lock = text_of(ROOT / "requirements.lock")
    for address in ("://", "--index-url", "--extra-index-url", "--find-links", "-i ", "@ file"):
        assert address not in lock, address


@pytest.mark.parametrize("name", EXACT_PINS)
def test_what_is_overridden_is_pinned_exactly(name: str) -> None:
    asked = re.findall(rf"^{name}==(\S+)$", text_of(ROOT / "requirements.in"), re.MULTILINE)
    assert len(asked) == 1
    assert [entry.split()[0] for entry in entries() if entry.startswith(f"{name}==")] == [
        f"{name}=={asked[0]}"
    ]


def test_every_wish_is_locked() -> None:
    wishes = {
        re.split(r"[<>=\[~! ]", line)[0].lower()
        for line in text_of(ROOT / "requirements.in").splitlines()
        if line.strip() and not line.startswith("#")
    }
    assert wishes - {re.split(r"[=\[]", entry)[0].lower() for entry in entries()} == set()


def test_locked_npm_packages_have_hashes_and_no_address() -> None:
    lock = json.loads(text_of(ROOT / "tests" / "contract" / "package-lock.json"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert len(packages) > 30
    assert all(package["integrity"].startswith("sha512-") for package in packages.values())
    assert [name for name, package in packages.items() if "resolved" in package] == []


# --- for the newcomer ---


@pytest.mark.parametrize("command", ["make demo", "make test"])
def test_the_readme_has_both_commands(command: str) -> None:
    assert command in text_of(ROOT / "README.md")


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    here = {str(ROOT), str(Path.home()) + "/"} - {"//"}
    # The home of root is also that of container images: there only a checkout below it would count.
    here -= {"/root/"}
    knowing = [(path, place) for path, text in texts() for place in here if place in text]
    assert knowing == []


def test_ndjson_and_json_are_what_they_are_called() -> None:
    for path, text in texts():
        if path.endswith(".json"):
            json.loads(text)
        if path.endswith(".ndjson"):
            for line in text.splitlines():
                json.loads(line)


# --- invented people ---


def test_id_numbers_stand_only_where_people_are_invented() -> None:
    """The simulator, tests and examples invent people; nowhere else is an ID number."""
    id_number = re.compile(
        r"(?<![0-9A-Za-z])[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])\d{5}[0-9Xx](?![0-9A-Za-z])"
    )
    invented = (
        *("tests/", "services/simulator/", "events/examples/"),
        *("docs/contract/", "docs/rules/", "requirements.lock"),
    )
    found = [
        path
        for path, text in texts()
        if not path.startswith(invented) and not path.endswith(".example.json") and id_number.search(text)
    ]
    assert found == []
