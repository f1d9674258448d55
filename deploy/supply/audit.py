"""Which components have known weaknesses, asked of a service that speaks OSV (osv.dev, or one's own mirror).

An audit that reached nothing says that nothing was found. So each is asked about packages of which everybody
knows what is wrong with them: who does not know that of one kind knows nothing of that kind, and it failed.
"""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import httpx
from packageurl import PackageURL

SERVICE: Final = "https://api.osv.dev"
CANARIES: Final = {
    "pypi": "pkg:pypi/jinja2@2.4.1",
    "maven": "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
    "npm": "pkg:npm/lodash@4.17.4",
}
"""Of each kind a version with advisories that are years old."""
ACCEPTED = Path(__file__).with_name("accepted.toml")
_AT_ONCE: Final = 500
_SECONDS: Final = 60
_PAGES: Final = 20


class NotAuditedError(Exception):
    """Nothing can be said about the components; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advisory:
    """A known weakness of a component. ``fixed``: the versions in which it is mended."""

    id: str
    purl: str
    aliases: tuple[str, ...]
    summary: str
    fixed: tuple[str, ...]

    def __str__(self) -> str:
        names = ", ".join((self.id, *self.aliases))
        mended = f"; mended in {', '.join(self.fixed)}" if self.fixed else ""
        return f"{self.purl}: {self.summary or 'no summary'} ({names}{mended})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """An advisory that does not concern dibao, by whom and why, and until when nobody need look again."""

    id: str
    until: date
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """``asked``: how many components by kind; ``found``: what is to be mended; ``accepted``: what is not."""

    asked: Mapping[str, int]
    found: Sequence[Advisory]
    accepted: Sequence[tuple[Advisory, Accepted]]


def read_accepted(file: Path = ACCEPTED) -> list[Accepted]:
    """Return what was accepted, as the file says."""
    found = tomllib.loads(file.read_text(encoding="utf-8")).get("accepted", ())
    return [Accepted(**each) for each in found]


def audit(
    purls: Iterable[str],
    *,
    today: date,
    accepted: Sequence[Accepted] = (),
    service: str = SERVICE,
) -> Audit:
    """Ask the service about every package in its version.

    Raises NotAuditedError where there is nothing to ask about, the service does not answer, answers about
    less than it was asked, or does not know what everybody knows.
    """
    asked = sorted({_plain(purl) for purl in purls})
    kinds = Counter(PackageURL.from_string(purl).type for purl in asked)
    if not asked:
        raise NotAuditedError("there are no components to ask about")
    if unknown := kinds.keys() - CANARIES.keys():
        raise NotAuditedError(f"nobody knows how to prove an audit of {', '.join(sorted(unknown))}")
    canaries = {kind: CANARIES[kind] for kind in kinds}
    with httpx.Client(base_url=service, timeout=_SECONDS) as client:
        try:
            known = _known(client, sorted({*asked, *canaries.values()}))
            for kind, canary in canaries.items():
                if not known[canary]:
                    raise NotAuditedError(
                        f"{service} knows no advisory of {canary}, which has some since years: it knows "
                        f"nothing of {kind}, and no audit was done"
                    )
            advisories = [_advisory(client, purl, name) for purl in asked for name in sorted(known[purl])]
        except httpx.HTTPError as error:
            raise NotAuditedError(
                f"{service} does not answer as it should ({type(error).__name__}), so nothing was audited: "
                "name a service that can be reached with --service, or audit the list of components "
                "(dibao supply sbom) on a machine that reaches it, with --sbom"
            ) from None
    waived = {each.id: each for each in accepted if each.until >= today}
    found: list[Advisory] = []
    excused: list[tuple[Advisory, Accepted]] = []
    for advisory in advisories:
        reason = next((waived[name] for name in (advisory.id, *advisory.aliases) if name in waived), None)
        if reason is None:
            found.append(advisory)
        else:
            excused.append((advisory, reason))
    return Audit(asked=dict(kinds), found=found, accepted=excused)


def _plain(purl: str) -> str:
    return PackageURL.from_string(purl)._replace(qualifiers=None, subpath=None).to_string()


def _known(client: httpx.Client, purls: Sequence[str]) -> dict[str, set[str]]:
    known: dict[str, set[str]] = {purl: set() for purl in purls}
    waiting: list[tuple[str, str | None]] = [(purl, None) for purl in purls]
    for _ in range(_PAGES):
        if not waiting:
            return known
        more: list[tuple[str, str | None]] = []
        for start in range(0, len(waiting), _AT_ONCE):
            some = waiting[start : start + _AT_ONCE]
            results = _answer(
                client.post("/v1/querybatch", json={"queries": [_query(purl, page) for purl, page in some]})
            ).get("results")
            if not isinstance(results, list) or len(results) != len(some):
                raise NotAuditedError(
                    f"{client.base_url} was asked about {len(some)} packages and answered about "
                    f"{len(results) if isinstance(results, list) else 'none'}: no audit was done"
                )
            for (purl, _), result in zip(some, results, strict=True):
                known[purl] |= {found["id"] for found in (result or {}).get("vulns", ())}
                if page := (result or {}).get("next_page_token"):
                    more.append((purl, page))
        waiting = more
    raise NotAuditedError(f"{client.base_url} always has one page more: no audit was done")


def _query(purl: str, page: str | None) -> dict[str, Any]:
    return {"package": {"purl": purl}, **({"page_token": page} if page else {})}


def _answer(response: httpx.Response) -> dict[str, Any]:
    response.raise_for_status()
    try:
        found = response.json()
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise NotAuditedError(f"{response.url} does not speak OSV: no audit was done")
    return found


def _advisory(client: httpx.Client, purl: str, name: str) -> Advisory:
    told = _answer(client.get(f"/v1/vulns/{name}"))
    fixed = {
        event["fixed"]
        for affected in told.get("affected", ())
        if _is_of(affected.get("package", {}), purl)
        for span in affected.get("ranges", ())
        if span.get("type") != "GIT"
        for event in span.get("events", ())
        if "fixed" in event
    }
    return Advisory(
        id=name,
        purl=purl,
        aliases=tuple(sorted(told.get("aliases", ()))),
        summary=told.get("summary", ""),
        fixed=tuple(sorted(fixed)),
    )


def _is_of(package: Mapping[str, str], purl: str) -> bool:
    found = package.get("purl", "")
    return purl.rpartition("@")[0].lower() == found.partition("@")[0].lower() if found else True
