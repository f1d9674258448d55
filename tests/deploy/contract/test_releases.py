"""Releases: what was promised is kept, and what is written down is never written over."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli.app import app
from deploy.contract.export import RELEASES
from deploy.contract.releases import ReleaseRefusedError, broken, number, release, released, text_of
from events.catalogue import VERSION
from events.release import contract


def test_what_every_release_promised_is_kept() -> None:
    assert released()
    assert [f"{version}: {breach}" for version, breach in broken()] == []


def test_the_version_says_whether_the_contract_was_released() -> None:
    latest, promised = list(released().items())[-1]
    if contract() == promised:
        assert latest == VERSION
    else:
        assert number(VERSION) > number(latest), f"the contract differs from {latest}: raise VERSION"


def test_a_release_is_written_once(tmp_path: Path) -> None:
    file = release(VERSION, tmp_path)
    assert released(tmp_path) == {VERSION: contract()}
    before = file.read_bytes()
    with pytest.raises(ReleaseRefusedError, match="what is released does not change"):
        release(VERSION, tmp_path)
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("version", "sentence"),
    [
        ("1.0", "no version like 1.2.0"),
        ("01.0.0", "no version like 1.2.0"),
        ("99.0.0", f"calls itself {VERSION}"),
    ],
)
def test_another_version_than_the_codes_is_refused(tmp_path: Path, version: str, sentence: str) -> None:
    with pytest.raises(ReleaseRefusedError, match=sentence):
        release(version, tmp_path)
    assert released(tmp_path) == {}


def test_an_older_version_than_the_latest_is_refused(tmp_path: Path) -> None:
    (tmp_path / RELEASES).mkdir()
    (tmp_path / RELEASES / "99.0.0.json").write_text(text_of(contract()), encoding="utf-8")
    with pytest.raises(ReleaseRefusedError, match=r"is before 99\.0\.0"):
        release(VERSION, tmp_path)


def test_a_broken_promise_is_refused_and_named(tmp_path: Path) -> None:
    promised = contract()
    promised["dibao.payments.paid.v1"]["readable"]["properties"]["till"] = {"type": "string"}
    (tmp_path / RELEASES).mkdir()
    (tmp_path / RELEASES / "0.9.0.json").write_text(text_of(promised), encoding="utf-8")
    with pytest.raises(
        ReleaseRefusedError, match=r"0\.9\.0: dibao\.payments\.paid\.v1, readable\.till: the field is gone"
    ):
        release(VERSION, tmp_path)


def test_the_command_refuses_in_a_sentence() -> None:
    refused = CliRunner().invoke(app, ["contract", "release", next(iter(released()))])
    assert refused.exit_code == 1
    assert "what is released does not change" in " ".join(refused.output.split())


def test_a_release_has_one_type_a_line(tmp_path: Path) -> None:
    lines = release(VERSION, tmp_path).read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(contract()) + 2
    assert json.loads("{" + lines[1].rstrip(",") + "}").keys() == {next(iter(contract()))}
