"""What a notice says, as JSON that is kept and sent as it is. Pure.

There is nothing in it that names anybody: rule, village, the number of the subject, and a sentence in which
persons are tokens.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid5

from events.envelope import rfc3339
from events.values import SHANGHAI
from projections import labels
from projections.notices import digest_said, notice_said, place, weight
from services.alerting.announcement import Announcement
from services.alerting.words import Rules, words

Content = dict[str, Any]

SOURCE = "/dibao/alerting"
SHOWN = 20
"""Findings that a notice spells out, lines that a message has; of more it says how many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many announcements of a digest are alike."""

    village: str
    rule: str
    rule_version: int
    severity: str
    verb: str
    count: int


def notice_id(subscription: UUID, first: UUID) -> UUID:
    """Return the id of the notice that an announcement is the first of: the same whenever it is made."""
    return uuid5(subscription, str(first))


def notice_of(subject: str, announcements: Sequence[Announcement], rules: Rules, pages: str) -> Content:
    """Return a notice of one subject, from what was announced of it, in its order; at least one.

    Of each anomaly the latest is said. ``pages``: where the pages of reporting are, or empty.
    """
    latest = list({one.anomaly_id: one for one in announcements}.values())
    findings = [_finding(one, rules, pages) for one in latest[:SHOWN]]
    return notice_said(subject, findings, len(announcements), len(latest))


def _finding(one: Announcement, rules: Rules, pages: str) -> Content:
    return {
        "anomaly_id": str(one.anomaly_id),
        "revision": one.revision,
        "verb": one.verb,
        "verb_name": labels.word("verb", one.verb),
        "rule": one.rule,
        "title": rules.title(one.rule, one.rule_version),
        "severity": one.severity,
        "severity_name": labels.word("severity", one.severity),
        "sentence": rules.sentence(one.rule, one.rule_version, {**one.params, **one.key}),
        "household_no": one.household_no,
        "village": one.village,
        "link": f"{pages}/pages/anomalies/{one.anomaly_id}",
    }


def digest_of(counts: Iterable[Count], day: date, rules: Rules, pages: str) -> Content:
    """Return a digest of announcements, from how many of them are alike. ``day``: of the first of them."""
    said = [
        {
            "village": one.village or None,
            "village_name": place(one.village),
            "rule": one.rule,
            "title": rules.title(one.rule, one.rule_version),
            "severity": one.severity,
            "severity_name": labels.word("severity", one.severity),
            "verb": one.verb,
            "verb_name": labels.word("verb", one.verb),
            "count": one.count,
        }
        for one in sorted(counts, key=_by_weight)
    ]
    return digest_said(said, day.isoformat(), f"{pages}/pages/anomalies")


def _by_weight(one: Count) -> tuple[Any, ...]:
    return (one.village, -weight(one.severity), one.rule, one.rule_version, one.verb)


def test_of(name: str) -> Content:
    """Return what is sent to see whether a subscription is reached."""
    said = words()["test"]
    return {"kind": "test", "title": said["about"], "text": said["line"].format(name=name)}


def lines_of(content: Content) -> list[str]:
    """Return what a message to a person says, line by line."""
    said = words()[content["kind"]]
    if content["kind"] == "test":
        return [content["text"]]
    if content["kind"] == "digest":
        lines = [
            said["line"].format(
                place=one["village_name"],
                **{name: one[name] for name in ("title", "count")},
                verb=one["verb_name"],
                severity=one["severity_name"],
            )
            for one in content["counts"][:SHOWN]
        ]
        left = len(content["counts"]) - SHOWN
        end = [words()["notice"]["link"].format(link=content["link"])]
        return [*lines, *([said["others"].format(count=left)] if left > 0 else []), *end]
    lines = []
    for one in content["findings"]:
        lines.append(
            said["line"].format(
                severity=one["severity_name"],
                title=one["title"],
                verb=one["verb_name"],
                sentence=one["sentence"],
            )
        )
        lines.append(said["link"].format(link=one["link"]))
    left = content["findings_count"] - len(content["findings"])
    return [*lines, *([said["others"].format(count=left)] if left > 0 else [])]


def day_of(at: datetime) -> date:
    """Return the day in China of an instant."""
    return at.astimezone(SHANGHAI).date()


def cloud_event(notice: UUID, content: Mapping[str, Any], at: datetime) -> Content:
    """Return a notice as a CloudEvent in structured mode (CloudEvents 1.0)."""
    event = {
        "specversion": "1.0",
        "id": str(notice),
        "source": SOURCE,
        "type": f"dibao.alert.{content['kind']}.v1",
        "time": rfc3339(at),
        "datacontenttype": "application/json",
        "data": dict(content),
    }
    return event if content.get("subject") is None else {**event, "subject": content["subject"]}
