"""The published contract is what the code says, and a person finds their way through it."""

import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.cli.app import app
from deploy.contract.export import FOLDER, RELEASES, RULES, differing, files, write
from deploy.contract.fields import fields_of
from deploy.contract.rules import example_of, found_in, rule_pages
from events.catalogue import CONTEXTS, TYPES
from services.detection.rules import ALL
from services.detection.rules.rule import Rule

PAGES = sorted(page.name for page in FOLDER.glob("*.md"))
"""As the folder has them, which the first test compares: to make them costs every worker three seconds."""


def test_the_folder_is_as_the_code_has_it() -> None:
    assert differing(FOLDER) == [], "write it anew: .venv/bin/dibao contract export"
    assert differing(RULES, rule_pages()) == [], "write it anew: .venv/bin/dibao contract export"


@pytest.mark.parametrize("rule", ALL.rules, ids=lambda rule: rule.name)
def test_a_rules_page_says_all_that_it_declares(rule: Rule[Any]) -> None:
    page = rule_pages()[f"{rule.name}.md"]
    parameters = [one.name for one in rule.parameters]
    for said in (rule.title, *rule.requirements, *rule.key, *parameters, *rule.clauses):
        assert said in page, said
    assert f"[{rule.name}]({rule.name}.md)" in rule_pages()["README.md"]


@pytest.mark.parametrize("rule", ALL.rules, ids=lambda rule: rule.name)
def test_a_rules_page_has_an_example_of_what_it_finds(rule: Rule[Any]) -> None:
    closed, facts = example_of(rule)
    found = found_in(rule, closed, facts)
    assert {finding.rule for finding in found} == {rule.name}
    for left_out in facts:
        others = [fact for fact in facts if fact is not left_out]
        assert found_in(rule, closed, others) != found, f"{left_out['id']} is not needed"
    said = rule_pages()[f"{rule.name}.md"].partition("## An example")[2]
    assert "Then a clerk reads:\n\n- " in said


def test_a_folder_is_made_what_it_should_be_and_releases_are_left_alone(tmp_path: Path) -> None:
    assert len(write(tmp_path)) == len(files())
    assert differing(tmp_path) == []

    (tmp_path / "payments.md").write_text("changed", encoding="utf-8")
    (tmp_path / "envelope.md").unlink()
    (tmp_path / "schemas" / "log" / "dibao.payments.lent.v1.json").write_text("{}", encoding="utf-8")
    (tmp_path / RELEASES).mkdir()
    (tmp_path / RELEASES / "0.9.0.json").write_text("{}", encoding="utf-8")
    wrong = ["envelope.md", "payments.md", "schemas/log/dibao.payments.lent.v1.json"]
    assert differing(tmp_path) == wrong
    assert write(tmp_path) == wrong
    assert differing(tmp_path) == []
    assert (tmp_path / RELEASES / "0.9.0.json").exists()


def test_the_command_tells_what_differs_and_ends_with_1(tmp_path: Path) -> None:
    run = CliRunner()
    assert run.invoke(app, ["contract", "export", "--out", str(tmp_path)]).exit_code == 0
    assert run.invoke(app, ["contract", "export", "--out", str(tmp_path), "--check"]).exit_code == 0
    (tmp_path / "asyncapi.json").write_text("{}", encoding="utf-8")
    checked = run.invoke(app, ["contract", "export", "--out", str(tmp_path), "--check"])
    assert checked.exit_code == 1
    assert "asyncapi.json" in checked.output
    assert (tmp_path / "asyncapi.json").read_text(encoding="utf-8") == "{}"


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(name: str) -> None:
    links = re.findall(r"\]\((?!http)([^)#]*)(?:#([^)]+))?\)", files()[name])
    assert links or name == "versions.md"
    for path, anchor in links:
        assert (path or name) in files(), path
        if anchor:
            assert f'<a id="{anchor}"></a>' in files()[path or name], f"{path}#{anchor}"


@pytest.mark.parametrize("context", CONTEXTS)
def test_a_page_has_every_type_and_field_and_every_word_in_chinese(context: str) -> None:
    page = files()[f"{context}.md"]
    for entry in (entry for entry in TYPES if entry.context == context):
        _, _, section = page.partition(f"\n## {entry.name}\n")
        section = section.partition("\n## ")[0]
        for field in fields_of(entry):
            assert f"| `{field.path}` |" in section
            assert field.meaning or field.words
            assert all(re.search("[一-鿿]", word or code) for code, word in field.words), field
        assert f'"type": "{entry.name}"' in section


def test_the_requirements_page_has_all_seventy_and_says_what_serves_each() -> None:
    rows = re.findall(r"^\| <a id=\"r\d+\"></a>(R\d+) \| (.+?) \| (.+) \|$", files()["requirements.md"], re.M)
    assert [number for number, _, _ in rows] == [f"R{number}" for number in range(1, 71)]
    assert [number for number, _, facts in rows if "](" not in facts] == ["R65"]
