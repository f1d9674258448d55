"""``dibao mapping``: how a bank's or an office's own files fill our forms."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from deploy.cli.contexts import check_context, forms_named
from deploy.cli.output import Format, FormatOption, console, dump, fail, show
from deploy.contexts import DECLARATIONS
from deploy.deployment import current, run
from events.catalogue import UPSTREAM_CONTEXTS
from services.intake import mapping_store
from services.intake.answers import FileRefused
from services.intake.headers import letters
from services.intake.mappings import (
    Draft,
    FileMapping,
    FromColumn,
    FromConstant,
    FromName,
    FromParts,
    MappingRefused,
    checked,
    read_draft,
)
from services.intake.sources import OPERATOR_NAME, source_fault
from services.intake.suggestions import Suggestion, suggest
from services.platform.database import open_pool

app = typer.Typer(
    help="Mappings: which column of a bank's own file fills which column of a form.", no_args_is_help=True
)

Context = Annotated[str, typer.Option(help="Whose files: " + ", ".join(UPSTREAM_CONTEXTS))]
Source = Annotated[str, typer.Option(help="The source whose files they are, such as /bank/psbc/500102.")]
Type = Annotated[str | None, typer.Option("--type", help="What a row states, such as paid.")]
Name = Annotated[str, typer.Argument(help="The mapping's name.")]

_OPTIONS = {
    "columns": "--column",
    "constants": "--constant",
    "from_name": "--from-name",
    "composed": "--compose",
}


def register(root: typer.Typer) -> None:
    """Hang this group into the root."""
    root.add_typer(app, name="mapping")


@app.command("suggest")
def suggest_one(
    file: Annotated[Path, typer.Argument(help="A .csv or .xlsx file as the bank or office has it.")],
    context: Context,
    event_type: Type = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the suggestion as JSON: edit it, then `mapping save --from`.")
    ] = None,
    form: FormatOption = Format.table,
) -> None:
    """Say which column of a file may be which column of a form, how sure that is, and what is missing.

    Nothing is sent or kept; values are shown masked.
    """
    forms = forms_named(context, event_type)
    if not file.is_file():
        raise fail(f"There is no file {file}.", 2)
    try:
        with file.open("rb") as opened:
            found = suggest(opened, file.name, forms)
    except FileRefused as refused:
        raise fail(f"{file.name}: {refused.sentence.chinese}", 2) from None
    if out is not None:
        if out.exists():
            raise fail(f"{out} is there already: choose another name.", 2)
        out.write_text(dump(found.as_json(), indent=1) + "\n", encoding="utf-8")
    if form is Format.table:
        _show_suggestion(found)
    else:
        typer.echo(dump(found.as_json(), indent=1 if form is Format.json else None))


@app.command("save")
def save(
    name: Name,
    source: Source,
    context: Context,
    event_type: Type = None,
    column: Annotated[
        list[str] | None, typer.Option(help="HEADER=COLUMN: of the file, of the form: 卡号=账号.")
    ] = None,
    constant: Annotated[
        list[str] | None, typer.Option(help="COLUMN=VALUE, the same in every row: 救助类别=农村低保.")
    ] = None,
    from_name: Annotated[
        list[str] | None,
        typer.Option(help=r"COLUMN=PATTERN, its group found in the file's name: 批次=(\d{4}-\d{2})."),
    ] = None,
    compose: Annotated[
        list[str] | None,
        typer.Option(help="COLUMN=COLUMN+COLUMN, a number put together: 发放编号=批次+户号."),
    ] = None,
    draft: Annotated[
        Path | None, typer.Option("--from", help="JSON as `mapping suggest --out` writes it, edited.")
    ] = None,
) -> None:
    """Keep a mapping under a name; the same name again is its next version."""
    check_context(context)
    if (wrong := source_fault(source)) is not None:
        raise fail(f"--source: {wrong.english}.", 2)
    try:
        base = read_draft(draft.read_bytes()) if draft is not None else Draft()
        stated = Draft(
            type=event_type or base.type,
            columns=(*base.columns, *(FromColumn(*_parted(item, last=True)) for item in column or ())),
            constants=(*base.constants, *(FromConstant(*_parted(item)) for item in constant or ())),
            from_name=(*base.from_name, *(FromName(*_parted(item)) for item in from_name or ())),
            composed=(*base.composed, *(_composed(item) for item in compose or ())),
        )
        if base.context not in ("", context):
            raise fail(f"{draft} is of the context {base.context}, not {context}.", 2)
        mapping = checked(stated, source=source, declared=DECLARATIONS[context], name=name)
    except OSError:
        raise fail(f"There is no file {draft}.", 2) from None
    except MappingRefused as refused:
        for fault in refused.faults:
            console.print(Text(f"{_place(fault.field)}：{fault.sentence.chinese}"), soft_wrap=True)
        raise fail("The mapping is not saved.", 2) from None

    async def work() -> FileMapping:
        pool = await open_pool(current().settings.database_url, size=1)
        try:
            return await mapping_store.save_mapping(pool, mapping, OPERATOR_NAME)
        finally:
            await pool.close()

    saved = run(work())
    console.print(f"{saved.name} of {saved.source} ({saved.form.short_name}), version {saved.version}.")


@app.command("list")
def listing(
    context: Annotated[str | None, typer.Option(help="Of one context only.")] = None,
    source: Annotated[str | None, typer.Option(help="Of one source only.")] = None,
    form: FormatOption = Format.table,
) -> None:
    """List the mappings that are in use."""
    if context is not None:
        check_context(context)
    found = [mapping.as_json() for mapping in _kept(context, source)]
    columns = ("name", "source", "type", "version", "saved_by", "saved_at")
    show(found, form, columns=[(name, name) for name in columns])


@app.command("show")
def show_one(name: Name, source: Source, context: Context, form: FormatOption = Format.table) -> None:
    """Show a mapping: from where each column of the form comes."""
    check_context(context)
    mapping = next((each for each in _kept(context, source) if each.name == name), None)
    if mapping is None:
        raise fail(f"{source} has no mapping {name} in {context}.")
    said = mapping.as_json()
    if form is not Format.table:
        typer.echo(dump(said, indent=1 if form is Format.json else None))
        return
    rows = [
        *({"列": item["column"], "来源": f"文件的列“{item['header']}”"} for item in said["columns"]),
        *({"列": item["column"], "来源": f"常量“{item['value']}”"} for item in said["constants"]),
        *({"列": item["column"], "来源": f"文件名 {item['pattern']}"} for item in said["from_name"]),
        *({"列": item["column"], "来源": "组合 " + "+".join(item["parts"])} for item in said["composed"]),
    ]
    title = f"{name}（{mapping.form.title}）第{mapping.version}版，{mapping.saved_by}"
    show(rows, form, title=title)


@app.command("remove")
def remove(name: Name, source: Source, context: Context) -> None:
    """End the use of a mapping. Facts that were read by it stay."""
    check_context(context)

    async def work() -> bool:
        pool = await open_pool(current().settings.database_url, size=1)
        try:
            return await mapping_store.remove_mapping(pool, source, context, name, OPERATOR_NAME)
        finally:
            await pool.close()

    if not run(work()):
        raise fail(f"{source} has no mapping {name} in {context}.")
    console.print(f"{name} of {source} is no longer used.")


def _kept(context: str | None, source: str | None) -> list[FileMapping]:
    declared = list(DECLARATIONS.values()) if context is None else [DECLARATIONS[context]]

    async def work() -> list[FileMapping]:
        pool = await open_pool(current().settings.database_url, size=1)
        try:
            return await mapping_store.list_mappings(pool, declared, [source] if source else None)
        finally:
            await pool.close()

    return run(work())


def _parted(text: str, *, last: bool = False) -> tuple[str, str]:
    # HEADER=COLUMN is given to FromColumn as column and header: a header may hold an equals sign.
    before, mark, after = text.rpartition("=") if last else text.partition("=")
    if not mark or not before.strip() or not after.strip():
        raise fail(f"“{text}” should be two parts with = between them.", 2)
    return (after.strip(), before.strip()) if last else (before.strip(), after.strip())


def _composed(text: str) -> FromParts:
    column, parts = _parted(text)
    return FromParts(column, tuple(part.strip() for part in parts.split("+")))


def _place(field: str) -> str:
    # columns.1.header: what was wrong with the second --column.
    what, _, rest = field.partition(".")
    number = rest.partition(".")[0]
    option = _OPTIONS.get(what, f"--{what}")
    return f"{option}（第{int(number) + 1}个）" if number else option


def _show_suggestion(found: Suggestion) -> None:
    where = f"，工作表“{found.sample.where}”" if found.sample.where else ""
    title = f"{found.form.title}（{found.form.short_name}），表头在第{found.sample.header_row}行{where}"
    table = Table(title=title, title_justify="left")
    for heading in ("模板的列", "文件的列", "把握", "样例（已遮盖）", "说明"):
        table.add_column(heading, overflow="fold")
    for each in found.proposals:
        column = f"{letters(each.found.at)} {each.found.header}"
        samples = " ".join(each.found.samples)
        _add(table, each.column.header, column, f"{each.confidence:.0%}", samples, each.reason.chinese)
    for missing in found.missing:
        _add(table, f"{missing.column.header}（必填）", "", "缺", "", missing.reason.chinese)
    for unread in found.unread:
        column = f"{letters(unread.found.at)} {unread.shown}"
        note = unread.note.chinese if unread.note is not None else "不读取"
        _add(table, "", column, "", " ".join(unread.found.samples), note)
    console.print(table)
    if found.questions:
        console.print("待定，请选用其中一项（不会自动选用）：")
    for question in found.questions:
        required = "（必填）" if question.column.required else ""
        console.print(
            Text(f"  {question.column.header}{required}：{question.reason.chinese}"), soft_wrap=True
        )
        for option in question.options:
            console.print(Text(f"      {option}"), soft_wrap=True)
        for candidate in question.found:
            shown = f"{letters(candidate.at)} {candidate.header}：{' '.join(candidate.samples)}"
            console.print(Text(f"      {shown}"), soft_wrap=True)
    options = " ".join(f'--column "{each.found.header}={each.column.header}"' for each in found.proposals)
    if options:
        console.print("核对后保存，待定的和缺的另加：")
        command = f"dibao mapping save NAME --source SOURCE --context {found.form.entry.context}"
        console.print(Text(f"  {command} --type {found.form.verb} {options}"), soft_wrap=True)


def _add(table: Table, *cells: str) -> None:
    # Texts, as strings would be read as markup.
    table.add_row(*map(Text, cells))
