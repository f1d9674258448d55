"""The contract as Markdown pages for people: an index, a page a context, requirements, values, prose."""

import json
from collections.abc import Iterable
from functools import cache
from importlib import import_module
from pathlib import Path
from string import Template

from deploy.contexts import BY_TYPE as FORMS
from deploy.contract.fields import Field, fields_of
from deploy.contract.kinds import CHARACTERS, KINDS
from deploy.contract.specimens import specimens
from deploy.contract.titles import title_of
from deploy.deployment import PROCESSES
from events.catalogue import (
    CONTEXTS,
    ONE_PARTITION,
    TYPES,
    UPSTREAM_CONTEXTS,
    VERSION,
    WITHOUT_FACTS,
    dead_letter_topic,
    intake_topic,
    log_topic,
)
from events.event_type import EventType
from events.fillers import WORDS
from events.requirements import REQUIREMENTS
from events.schema import plain
from services.intake.inquiries import KEPT_WEEKS
from services.platform import limits
from services.platform.settings import Settings

PROSE = ("envelope", "publishing", "versions")
"""Pages that are written by hand, with figures of the code in them (``prose/``)."""


def pages() -> dict[str, str]:
    """Return every page by its name below the folder of the contract."""
    return {
        "README.md": _index(),
        **{f"{context}.md": _context(context) for context in CONTEXTS},
        "requirements.md": _requirements(),
        "values.md": _values(),
        **{f"{name}.md": _prose(name) for name in PROSE},
    }


def schema_path(entry: EventType, form: str) -> str:
    """Return where a type's schema stands below the folder of the contract."""
    return f"schemas/{form}/{entry.name}.json"


def _of(context: str) -> list[EventType]:
    return [entry for entry in TYPES if entry.context == context]


def _link(entry: EventType) -> str:
    return f"[{entry.context}.{entry.verb}]({entry.context}.md#{entry.verb})"


def table(headers: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Return a Markdown table."""
    lines = [f"| {' | '.join(headers)} |", f"|{'---|' * len(list(headers))}"]
    lines += (f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |" for row in rows)
    return "\n".join(lines)


def _index() -> str:
    rows = [
        (
            f"[{context}]({context}.md)",
            title_of(context),
            _about(context),
            str(len(_of(context))),
        )
        for context in CONTEXTS
    ]
    return f"""# The contract, version {VERSION}

What dibao takes in, and what stands on its log: {len(TYPES)} types of facts in {len(CONTEXTS)} contexts.
These pages, the schemas and the AsyncAPI document are written by `dibao contract export` from `events/`;
a test fails where they differ from it.

- [How to publish](publishing.md): over HTTP, as files, over Kafka
- [The envelope](envelope.md): ids, times, repeats, conflicts, voids, digests, what is sealed
- [Kinds of values](values.md): amounts, months, persons, accounts
- [Requirements](requirements.md): which facts serve which point of the plan
- [Versions](versions.md): what may change, and how old records are read
- [asyncapi.json](asyncapi.json): the same for programs, with the Kafka topics
- `openapi/`: an OpenAPI document a context, for programs that hand over by HTTP
- `schemas/readable/`: JSON Schemas of what upstream sends; `schemas/log/`: of what stands on the log

{table(("Context", "", "What it says", "Types"), rows)}

`anomalies` and closed days are stated by dibao itself; all other facts come from upstream.
"""


def _about(context: str) -> str:
    return plain(import_module(f"events.{context}").__doc__ or "").partition("\n")[0]


def _context(context: str) -> str:
    entries = _of(context)
    partitions = 1 if context in ONE_PARTITION else Settings.model_construct().partitions
    topics = f"Log topic `{log_topic('dibao', context)}`, {partitions} partition{'s' * (partitions > 1)}"
    if context in UPSTREAM_CONTEXTS:
        topics += f" · intake topic `{intake_topic('dibao', context)}`"
    contents = "\n".join(f"- [{entry.verb}](#{entry.verb}) — {_first(entry)}" for entry in entries)
    return (
        "\n\n".join(
            (
                f"# {context} · {title_of(context)}",
                plain(import_module(f"events.{context}").__doc__ or ""),
                f"{topics} · [all contexts](README.md) · [envelope](envelope.md) · [values](values.md)",
                contents,
                *map(_type, entries),
            )
        )
        + "\n"
    )


def _first(entry: EventType) -> str:
    text = plain(entry.meaning).partition("\n")[0]
    return text


def _type(entry: EventType) -> str:
    form = FORMS.get(entry.name)
    said = [f"Topic key {_keys(entry)}", f"business date {_dated(entry)}"]
    if form is not None:
        said.append(f"in files {form.title}, `dibao template {form.short_name}`")
    elif entry.void:
        said.append("in files the column 作废 of what is undone")
    schemas = f"[readable]({schema_path(entry, 'readable')}), [log]({schema_path(entry, 'log')})"
    lines = [f"- {' · '.join(said)}", f"- {_sealed(entry)}", f"- Schemas: {schemas}"]
    if entry.unique:
        lines.append(
            f"- Unique in the deployment: {_named(entry.unique)}; a second fact that states it is warned of"
        )
    if entry.requirements:
        links = ", ".join(f"[{number}](requirements.md#{number.lower()})" for number in entry.requirements)
        lines.insert(0, f"- Serves {links}")
    if entry.void:
        lines.append(
            "- Besides `source`, `id` and `type` it repeats the key of what is undone, and its persons; or "
            "all of the original's data, which says the same"
        )
    rows = [
        (
            f"`{field.path}`",
            "、".join(field.headers),
            _takes(field),
            "required" if field.required else "",
            field.meaning,
        )
        for field in fields_of(entry)
    ]
    return "\n\n".join(
        (
            f'<a id="{entry.verb}"></a>',
            f"## {entry.name}",
            plain(entry.meaning),
            "\n".join(lines),
            table(("Field", "In files", "Takes", "", "Meaning"), rows),
            _example(entry),
        )
    )


def _keys(entry: EventType) -> str:
    keys = dict.fromkeys(".".join(path) for path in (entry.key, *entry.undoes.values()) if path)
    return " or ".join(f"`{key.removesuffix('.person_id')}`" for key in keys)


def _named(fields: tuple[str, ...]) -> str:
    *others, last = (f"`{field}`" for field in fields)
    return f"{', '.join(others)} and {last} together" if others else last


def _dated(entry: EventType) -> str:
    if entry.business_date is None:
        return "the day of `time`"
    return f"`{entry.readable.model_fields[entry.business_date].alias or entry.business_date}`"


def _sealed(entry: EventType) -> str:
    if not entry.protected:
        return "Nothing is sealed on the log: it names nobody"
    sealed = ", ".join(
        f"`{'.'.join(spot.path).replace('.*', '[]')}` ({spot.protection.replace('_', ' ')})"
        for spot in entry.protected
    )
    if not entry.seal_under:
        return f"Sealed on the log: {sealed}"
    under = ", else ".join(f"`{'.'.join(path).removesuffix('.person_id')}`" for path in entry.seal_under)
    return f"Sealed on the log: {sealed}; texts under the key of {under}"


def _takes(field: Field) -> str:
    if field.words:
        words = "<br>".join(f"`{code}` {word}" for code, word in field.words)
        return f"{field.many} of<br>{words}" if field.many else words
    takes = f"[{field.takes}](values.md#{_anchor(field.takes)})" if field.kind else field.takes
    if field.kind and field.kind.unit:
        takes += f" ({field.kind.unit})"
    return f"{field.many} of {takes}" if field.many else takes


def _anchor(name: str) -> str:
    return name.replace(" ", "-").replace(",", "")


def _example(entry: EventType) -> str:
    text = json.dumps(specimens()[entry.name].fact, ensure_ascii=False, indent=1)
    return f"<details><summary>Example</summary>\n\n```json\n{text}\n```\n\n</details>"


def _requirements() -> str:
    rows = []
    for number, short in REQUIREMENTS.items():
        serving = [_link(entry) for entry in TYPES if number in entry.requirements]
        rows.append(
            (
                f'<a id="{number.lower()}"></a>{number}',
                short,
                ", ".join(serving) or f"No fact: {WITHOUT_FACTS[number]}",
            )
        )
    return f"""# Requirements and the facts that serve them

The numbers are those of the plan's requirements (R1 to R70), here in short. [All contexts](README.md)

{table(("", "What the plan asks for", "Facts"), rows)}
"""


def _values() -> str:
    rows = [
        (
            f'<a id="{_anchor(kind.name)}"></a>{kind.name}',
            kind.unit,
            kind.accepts,
            f"`{kind.example}`" if kind.example else "",
        )
        for kind in KINDS
    ]
    return f"""# Kinds of values

Every value has one canonical form, which intake reaches by itself: the same fact in another dress (full-width
digits, a small x, blanks in an account number) is the same fact. [All contexts](README.md)

{table(("Kind", "Unit", "Takes", "Example"), rows)}

A field that is not required is left out where it is not known; `null` says the same, and so does a filler.
Fields that a type does not have are refused.

<a id="characters"></a>
## Characters

By every way in, the same (`events/characters.py`):

{table(("", "In numbers, ids and sources", "In names and words", "In texts"), CHARACTERS)}

Other forms of a letter or a digit (①, ², Ⅳ, Arabic digits) are other characters, and are kept.

<a id="fillers"></a>
## Fillers

What is written where there is nothing to write is no value: in a field that is required it is missing, in
another one it is as if the field were left out, and the fact is the same. It must be the whole value; width
and case do not matter.

- {", ".join(f"`{word}`" for word in sorted(WORDS))}
- signs alone (`-`, `——`, `/`, `.`, `、`, `*`, `?` …), and crosses (`×`)
- noughts, alone or with signs (`0`, `000000`, `0000-00-00`)

Codes, amounts, counts and yes or no have no fillers, nor has the value of a policy: `0` is an amount.
"""


@cache
def _template(name: str) -> Template:
    text = (Path(__file__).parent / "prose" / f"{name}.md").read_text(encoding="utf-8")
    return Template(text)


def _prose(name: str) -> str:
    paid = specimens()["dibao.payments.paid.v1"]
    voided = specimens()["dibao.payments.voided.v1"]
    settings = Settings.model_construct()
    return _template(name).substitute(
        version=VERSION,
        event=json.dumps(paid.fact, ensure_ascii=False, indent=1),
        void=json.dumps(voided.fact, ensure_ascii=False, indent=1),
        key=paid.key.decode(),
        headers="\n".join(f"{header}: {value.decode()}" for header, value in paid.headers),
        value=json.dumps(paid.data, ensure_ascii=False, indent=1),
        event_kib=str(limits.EVENT_BYTES // 1024),
        event_values=f"{limits.EVENT_VALUES:,}",
        batch_items=f"{limits.BATCH_ITEMS:,}",
        requests=str(limits.REQUESTS_OF_A_SOURCE),
        uploads=str(limits.UPLOADS_OF_A_SOURCE),
        rows=f"{limits.ROWS:,}",
        columns=str(limits.COLUMNS),
        cell=f"{limits.CELL:,}",
        rows_of_a_fact=f"{limits.ROWS_OF_A_FACT:,}",
        wrong_rows=f"{limits.WRONG_ROWS:,}",
        remarks=f"{limits.REMARKS:,}",
        faults=str(limits.FAULTS_OF_A_FACT),
        body_mib=str(settings.max_body_bytes // 1024**2),
        file_mib=str(settings.max_file_bytes // 1024**2),
        ahead_hours=f"{settings.max_ahead_hours:g}",
        intake_hours=f"{Settings.model_construct().intake_hours:.0f}",
        dead_letters=dead_letter_topic("dibao"),
        kept_weeks=str(KEPT_WEEKS),
        addresses="\n".join(_address(context) for context in UPSTREAM_CONTEXTS),
    )


def _address(context: str) -> str:
    process = next(name for name, services in PROCESSES.items() if context in services)
    path = f"/{context}" if len(PROCESSES[process]) > 1 else ""
    intake, log = intake_topic("dibao", context), log_topic("dibao", context)
    return (
        f"| {context} ({title_of(context)}) | `http://<{process}>{path}` | `{intake}` | `{log}` "
        f"| [{context}.json](openapi/{context}.json) |"
    )
