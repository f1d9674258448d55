"""An audit that reached nothing says so, and not that nothing was found."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli.app import app
from deploy.supply.audit import CANARIES, Accepted, NotAuditedError, audit, read_accepted
from tests.deploy.supply.osv import EVERYBODY_KNOWS, Osv, serving
from tests.ports import free_port

TODAY = date(2026, 11, 30)
ASKED = ["pkg:pypi/httpx@0.28.1", "pkg:maven/org.apache.kafka/kafka-clients@4.4.0", "pkg:npm/ajv@8.18.0"]
WEAK = {"pkg:pypi/httpx@0.28.1": ["GHSA-aaaa"]}
TOLD = {
    "GHSA-aaaa": {
        "aliases": ["CVE-2026-1"],
        "summary": "says too much",
        "affected": [
            {
                "package": {"purl": "pkg:pypi/httpx"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "0.28.2"}]}],
            },
            {
                "package": {"purl": "pkg:npm/httpx"},
                "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "9.9.9"}]}],
            },
        ],
    }
}


@pytest.fixture
def osv() -> Iterator[Osv]:
    with serving(Osv(EVERYBODY_KNOWS)) as found:
        yield found


def test_nothing_is_known_where_the_service_knows_what_everybody_knows(osv: Osv) -> None:
    found = audit(ASKED, today=TODAY, service=osv.url)
    assert (found.found, found.asked) == ([], {"pypi": 1, "maven": 1, "npm": 1})
    assert set(osv.asked) == {*ASKED, *CANARIES.values()}, "the canaries were asked about beside them"


def test_a_weakness_is_told_with_its_names_and_where_it_is_mended(osv: Osv) -> None:
    osv.known, osv.told = {**EVERYBODY_KNOWS, **WEAK}, TOLD
    (one,) = audit(ASKED, today=TODAY, service=osv.url).found
    assert str(one) == "pkg:pypi/httpx@0.28.1: says too much (GHSA-aaaa, CVE-2026-1; mended in 0.28.2)"


@pytest.mark.parametrize("kind", CANARIES)
def test_a_service_that_knows_nothing_of_one_kind_has_audited_nothing(osv: Osv, kind: str) -> None:
    osv.known = {purl: ids for purl, ids in EVERYBODY_KNOWS.items() if purl != CANARIES[kind]}
    with pytest.raises(NotAuditedError, match=f"knows nothing of {kind}, and no audit was done"):
        audit(ASKED, today=TODAY, service=osv.url)


def test_only_the_kinds_that_are_asked_about_are_proved(osv: Osv) -> None:
    osv.known = {CANARIES["pypi"]: ["GHSA-canary-pypi"]}
    assert audit(ASKED[:1], today=TODAY, service=osv.url).asked == {"pypi": 1}


def test_who_does_not_answer_has_audited_nothing() -> None:
    with pytest.raises(NotAuditedError, match=r"does not answer as it should \(ConnectError\), so nothing"):
        audit(ASKED, today=TODAY, service=f"http://127.0.0.1:{free_port()}")


def test_an_answer_about_less_than_was_asked_is_no_audit(osv: Osv) -> None:
    osv.leaves_out = 1
    with pytest.raises(NotAuditedError, match="asked about 6 packages and answered about 5"):
        audit(ASKED, today=TODAY, service=osv.url)


@pytest.mark.parametrize("said", [b"<html>a proxy's own page</html>", b"[]", b"{}", b'{"results": null}'])
def test_who_does_not_speak_osv_has_audited_nothing(osv: Osv, said: bytes) -> None:
    osv.says = said
    with pytest.raises(NotAuditedError, match="no audit was done"):
        audit(ASKED, today=TODAY, service=osv.url)


def test_nothing_to_ask_about_is_no_audit(osv: Osv) -> None:
    with pytest.raises(NotAuditedError, match="no components"):
        audit([], today=TODAY, service=osv.url)


def test_an_answer_may_come_in_pages(osv: Osv) -> None:
    osv.known = {**EVERYBODY_KNOWS, "pkg:npm/ajv@8.18.0": [f"GHSA-{number}" for number in range(5)]}
    osv.page = 2
    assert [one.id for one in audit(ASKED, today=TODAY, service=osv.url).found] == [
        f"GHSA-{number}" for number in range(5)
    ]


def test_what_was_accepted_is_told_and_fails_nothing_until_its_day(osv: Osv) -> None:
    osv.known, osv.told = {**EVERYBODY_KNOWS, **WEAK}, TOLD
    waived = [Accepted(id="CVE-2026-1", until=TODAY, by="Wang", reason="not reached")]
    found = audit(ASKED, today=TODAY, accepted=waived, service=osv.url)
    assert (found.found, [reason for _, reason in found.accepted]) == ([], waived)
    tomorrow = audit(ASKED, today=date(2026, 12, 1), accepted=waived, service=osv.url)
    assert [one.id for one in tomorrow.found] == ["GHSA-aaaa"]


def test_what_dibao_accepts_says_who_why_and_until_when() -> None:
    assert all(each.by and each.reason for each in read_accepted())


def test_the_command_tells_three_endings_apart(osv: Osv, tmp_path: Path) -> None:
    """0: audited, and nothing is known; 1: something is; 3: not audited."""
    sbom = tmp_path / "sbom.json"
    sbom.write_text(json.dumps({"components": [{"name": "x", "purl": purl} for purl in ASKED]}))

    def run(service: str) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["supply", "audit", "--sbom", str(sbom), "--service", service])
        return done.exit_code, " ".join(done.output.split())

    code, told = run(osv.url)
    assert code == 0, told
    assert told.startswith("Nothing is known against the components (1 of maven, 1 of npm, 1 of pypi asked")
    osv.known = {**EVERYBODY_KNOWS, **WEAK}
    code, told = run(osv.url)
    assert code == 1 and "GHSA-aaaa" in told and "1 known weaknesses" in told
    osv.known = {}
    code, told = run(osv.url)
    assert code == 3 and "no audit was done" in told
    code, told = run(f"http://127.0.0.1:{free_port()}")
    assert code == 3 and "nothing was audited" in told
