"""``dibao topics apply`` says what it would do, and lets an upstream write so much and no more."""

import pytest
from typer.testing import CliRunner

from deploy.cli.app import app


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers that are elsewhere, and are not asked."""
    monkeypatch.setenv("DIBAO_KAFKA", "127.0.0.1:1")
    monkeypatch.setenv("DIBAO_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")


@pytest.mark.usefixtures("told")
def test_it_says_what_it_would_do() -> None:
    words = ("topics", "apply", "--upstream", "bank=payments", "--dry-run")
    done = CliRunner().invoke(app, [*words, "--rate", "bank=200000", "--rate", "police=0"])
    assert done.exit_code == 0, done.output
    lines = done.output.splitlines()
    assert lines[-2].split() == ["bank", "200000", "bytes", "a", "second"]
    assert lines[-1].split() == ["police", "unlimited", "bytes", "a", "second"]
    assert any(line.split() == ["bank", "WRITE", "topic", "dibao.intake.payments"] for line in lines)


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("said", ["bank", "bank=", "=5", "bank=-1", "bank=1.5", "bank=fast"])
def test_a_rate_that_is_none_is_refused(said: str) -> None:
    done = CliRunner().invoke(app, ["topics", "apply", "--rate", said, "--dry-run"])
    assert done.exit_code == 2
    assert "--rate is PRINCIPAL=BYTES" in done.output
