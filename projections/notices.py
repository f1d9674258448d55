"""What a notice or a digest of announcements says, and what of it lies in an area. Pure.

Alerting makes them and sends them; reporting shows them to readers who may be bound to an area.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from projections import labels
from projections.phrases import day

Said = dict[str, Any]

_SEVERITIES = tuple(labels.SEVERITIES)


def place(code: str | None) -> str:
    """Return what a village is called, with its code; or that none is known."""
    return labels.place(code) if code else labels.UNKNOWN_AREA


def weight(severity: str) -> int:
    """Return how grave a severity is: the higher the graver."""
    return _SEVERITIES.index(severity)


def notice_said(subject: str, findings: Sequence[Said], announcements: int, count: int) -> Said:
    """Return a notice of one subject, of whose anomalies ``findings`` (of ``count``) are spelt out."""
    first = findings[0]
    village = next((one["village"] for one in findings if one["village"]), None)
    title = labels.NOTICE.format(place=place(village), title=first["title"], verb=first["verb_name"])
    severity = max((one["severity"] for one in findings), key=weight)
    return {
        "kind": "notice",
        "title": title if count == 1 else labels.AND_MORE.format(first=title, count=count),
        "subject": subject,
        "household_no": next((one["household_no"] for one in findings if one["household_no"]), None),
        "village": village,
        "village_name": place(village),
        "severity": severity,
        "severity_name": labels.word("severity", severity),
        "announcements": announcements,
        "findings_count": count,
        "findings": list(findings),
    }


def digest_said(counts: Sequence[Said], on: str, link: str) -> Said:
    """Return a digest of announcements that are counted by what is alike. ``on``: the day of the first."""
    villages = {one["village_name"]: None for one in counts}
    named = (
        next(iter(villages)) if len(villages) == 1 else labels.SO_MANY_VILLAGES.format(villages=len(villages))
    )
    total = sum(one["count"] for one in counts)
    return {
        "kind": "digest",
        "title": labels.DIGEST_OF.format(place=named, day=day(on), count=total),
        "day": on,
        "announcements": total,
        "counts": list(counts),
        "link": link,
    }


def part_of(said: Mapping[str, Any], area: str) -> Said | None:
    """Return what of a notice or digest lies in an area, None where nothing does."""
    if said["kind"] == "digest":
        counts = [one for one in said["counts"] if _lies_in(one, area)]
        return digest_said(counts, said["day"], said["link"]) if counts else None
    findings = [one for one in said["findings"] if _lies_in(one, area)]
    if len(findings) == len(said["findings"]):
        return dict(said)
    return notice_said(said["subject"], findings, len(findings), len(findings)) if findings else None


def _lies_in(one: Mapping[str, Any], area: str) -> bool:
    return bool((one["village"] or "").startswith(area))
