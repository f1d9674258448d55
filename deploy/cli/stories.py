"""``dibao explain | household``: why an anomaly is there, and all that is on record of a household."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.markup import escape

from deploy.cli.asked import question
from deploy.cli.output import Format, FormatOption, console, dump, errors, fail, readable, show
from deploy.cli.reading import AsOfOption, answered, headings, in_words, listed
from deploy.contexts import BY_TYPE
from deploy.contract.titles import title_of
from deploy.deployment import current, run
from events.envelope import Event
from events.words import programmes, shown
from projections.labels import heading, word
from projections.ledger import Heading
from projections.ledgers import LEDGERS
from services.reporting import queries
from services.reporting.opening import facts_at
from services.reporting.queries import LedgerFilter, Row


def register(app: typer.Typer) -> None:
    """Hang these commands into the root."""
    app.command("explain")(explain)
    app.command("household")(household)


def explain(
    anomaly: Annotated[UUID, typer.Argument(help="The id of an anomaly.")],
    as_of: AsOfOption = None,
    form: FormatOption = Format.table,
) -> None:
    """Say why an anomaly is there: sentence, rule and version, policy, facts in order, revisions.

    Facts that a void undoes are struck through, and the void stands beside them.
    """
    found = answered(lambda pool: queries.explain(pool, anomaly, as_of))
    if found is None:
        raise fail(f"There is no anomaly {anomaly}.")
    facts = _whole(found.evidence)
    if form is not Format.table:
        whole = {**found.anomaly, "facts": facts, "revisions": found.revisions}
        sys.stdout.write(dump(whole, indent=1 if form is Format.json else None) + "\n")
        return
    row = found.anomaly
    console.print(f"[bold]{escape(row['sentence'])}[/]", soft_wrap=True)
    console.print(
        f"规则 {row['title']}({row['rule']})第 {row.get('rule_version')} 版  "
        f"级别 {word('severity', row['severity'])}  状态 {word('state', row['state'])}  "
        f"版次 {row['revision']}  村(社区) {row['village'] or '不明'}",
        soft_wrap=True,
    )
    console.print(f"所用政策 {escape(dump(row.get('policy') or {}))}", soft_wrap=True)
    _show_facts(facts, f"依据(共 {row['evidence_count']} 项)", ("revisions", "依据的版次"))
    columns = listed(("revision", "verb", "announced_at", "severity"))
    show(
        [
            {**in_words(item, columns), "version": item["rule_version"], "sentence": item["sentence"]}
            for item in found.revisions
        ],
        form,
        columns=[
            ("revision", "版次"),
            ("verb", "变化"),
            ("announced_at", "时间"),
            ("severity", "级别"),
            ("version", "规则版本"),
            ("sentence", "说明"),
        ],
        title="沿革",
    )


def household(
    number: Annotated[str, typer.Argument(metavar="NO", help="A household's number (户号).")],
    as_of: AsOfOption = None,
    form: FormatOption = Format.table,
) -> None:
    """Tell all that is on record of a household: members, ledgers, facts, anomalies by month.

    Persons and accounts are shown by their tokens (`dibao open`).
    """
    asked = question(lambda: LedgerFilter(household_no=number, as_of=as_of))
    told = answered(lambda pool: queries.story(pool, asked.household_no or number, as_of))
    facts = _whole(told.facts)
    if form is not Format.table:
        whole = {**asdict(told), "facts": facts}
        sys.stdout.write(dump(whole, indent=1 if form is Format.json else None) + "\n")
        return
    place = f"村(社区) {told.village or '不明'}"
    console.print(f"[bold]{escape(told.household_no)}户[/]  {place}", soft_wrap=True)
    _show_rows(told.members, _MEMBER, "成员")
    for name, rows in told.ledgers.items():
        _show_rows(rows, LEDGERS[name].listed, LEDGERS[name].title)
    _show_facts(facts, "事实")
    _show_rows(
        told.anomalies, listed(("month", "title", "severity", "state", "sentence", "anomaly_id")), "预警"
    )


_MEMBER = (
    Heading("person_id", "人员", sealed=True),
    Heading("relation", "与户主关系"),
    Heading("programme", "救助类别", words=programmes()),
    Heading("from_month", "起始月"),
    Heading("to_month", "停发月"),
    Heading("exit_kind", "退出类型", words=shown("enrollment.exited", "exit_kind")),
)


def _show_rows(rows: Sequence[Row], columns: Sequence[Heading], title: str) -> None:
    """Print the rows of a part of the story; a part of which there is nothing is left out."""
    if rows:
        words = [in_words(row, columns) for row in rows]
        show(words, Format.table, columns=headings(columns), title=title)


def _show_facts(facts: Sequence[Row], title: str, *more: tuple[str, str]) -> None:
    """Print facts in their order, those that a void undoes struck through."""
    columns = listed(("business_date", "type", "status", "source", "serial"))
    rows = [
        {
            **in_words(fact, columns),
            "kind": _kind(fact["type"]),
            "data": _brief(fact["type"], fact["data"]),
            "voided": fact["status"] == "voided",
            **{name: "、".join(map(str, fact[name])) for name, _ in more},
        }
        for fact in facts
    ]
    heads = headings(columns)
    shown_in = [heads[0], ("kind", "事实"), *heads[1:], *more, ("data", "内容")]
    show(rows, Format.table, columns=shown_in, title=title, struck=lambda row: bool(row["voided"]))


def _whole(facts: Sequence[Row]) -> list[Row]:
    """Return the facts, each with its content: that of kinds which no ledger keeps is read from the log."""
    bare = [fact for fact in facts if not fact["data"]]
    if not bare:
        return list(facts)
    try:
        events = run(facts_at(current().settings, bare))
    except queries.NotThereError as error:
        errors.print(f"[dim]{escape(str(error))}[/]", soft_wrap=True)
        return list(facts)
    read = {(event.event_id, event.digest): _open_values(event) for event in events}
    return [
        {**fact, "data": fact["data"] or read.get((fact["event_id"], fact["digest"]), {})} for fact in facts
    ]


def _open_values(event: Event) -> dict[str, Any]:
    """What a fact says that is not sealed: numbers, days, codes; persons and accounts stay where they are."""
    data = event.fact.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {name: value for name, value in data.items() if not isinstance(value, list | dict)}


def _kind(type_name: str) -> str:
    """What a kind of fact is called: as its form is, or its context where it has none."""
    form = BY_TYPE.get(type_name)
    return form.title if form is not None else title_of(type_name.split(".")[1])


def _brief(type_name: str, data: Mapping[str, Any]) -> str:
    told = {
        name: value
        for name, value in data.items()
        if not isinstance(value, list | dict) and not name.endswith(("_key", "exact", "normalised"))
    }
    return "  ".join(f"{heading(name)} {_said(type_name, name, value)}" for name, value in told.items())


def _said(type_name: str, name: str, value: Any) -> str:
    if not isinstance(value, str):
        return readable(name, value)
    short = type_name.removeprefix("dibao.").removesuffix(".v1")
    return shown(short, name).get(value) or word(name, value)
