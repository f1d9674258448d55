"""Every example of the catalogue, filled into the template of its form, comes out of intake unchanged."""

import io
import json
from collections.abc import Sequence
from datetime import datetime
from tempfile import TemporaryFile
from typing import Any

import openpyxl
import pytest

from deploy.contexts import BY_TYPE as FORM_OF
from deploy.contexts import DECLARATIONS, forms_of
from events.catalogue import BY_TYPE, UPSTREAM_CONTEXTS
from events.digest import canonical_content, digest_of
from events.envelope import event_id_of
from events.examples import examples_of
from services.intake.answers import FileRefused
from services.intake.context import open_intake
from services.intake.entries import Delivery
from services.intake.files import Upload, take_file
from services.intake.forms import Form
from services.intake.horizon import Horizon
from services.intake.sources import OPERATOR
from services.intake.tables import read_csv, read_xlsx
from services.intake.templates import header_of, template
from services.platform.protection import ReadableFact
from services.platform.settings import Settings
from tests.services.intake.conftest import read
from tests.services.intake.filling import Row, rows_of
from tests.services.intake.stated import stated_by

EXAMPLES = [
    example
    for context in UPSTREAM_CONTEXTS
    for example in examples_of(context)
    if not BY_TYPE[example["type"]].void and BY_TYPE[example["type"]].from_upstream
]


def filled(form: Form, rows: list[Row], forms: Sequence[Form] = ()) -> io.BytesIO:
    """The template of a form, or of several, with these rows in the form's worksheet."""
    book = openpyxl.load_workbook(io.BytesIO(template(forms or [form])))
    sheet = book[form.title]
    for number, row in enumerate(rows, start=3):
        for place, column in enumerate(form.columns, start=1):
            sheet.cell(number, place, row.get(column.header) or None)
    out = io.BytesIO()
    book.save(out)
    out.seek(0)
    return out


def as_csv(form: Form, rows: list[Row]) -> io.BytesIO:
    """The rows as a csv file in GB18030."""
    lines = [[header_of(column) for column in form.columns]]
    lines += [[row.get(column.header, "") for column in form.columns] for row in rows]
    return io.BytesIO("\r\n".join(",".join(f'"{cell}"' for cell in line) for line in lines).encode("gb18030"))


def content_of(example: dict[str, Any]) -> bytes:
    """The canonical content of an example: equal for the same fact, however it was stated."""
    data = BY_TYPE[example["type"]].readable.model_validate_json(json.dumps(example["data"]))
    return canonical_content(example["type"], datetime.fromisoformat(example["time"]), data)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example["type"]))
@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_a_fact_written_into_its_form_is_read_as_the_same_fact(example: dict[str, Any], suffix: str) -> None:
    form = FORM_OF[example["type"]]
    rows = rows_of(form, example)
    forms = forms_of(form.entry.context)
    table = read_csv(as_csv(form, rows), forms) if suffix == "csv" else read_xlsx(filled(form, rows), forms)
    delivery = Delivery(
        caller=OPERATOR,
        source=example["source"],
        context=form.entry.context,
        horizon=Horizon.now(24),
        batch=None,
        correlation_id="receipt",
    )
    (stated,) = stated_by(table, delivery, b"key")
    fact = stated.fact
    assert isinstance(fact, ReadableFact), fact
    assert canonical_content(fact.entry.name, fact.time, fact.data) == content_of(example)
    assert (fact.serial, fact.source, len(stated.numbers)) == (example["id"], example["source"], len(rows))


@pytest.mark.parametrize("context", ["payments", "enrollment", "clues"])
def test_of_a_workbook_with_several_forms_the_one_that_is_filled_in_is_read(context: str) -> None:
    forms = forms_of(context)
    example = next(example for example in EXAMPLES if example["type"] == forms[-1].type)
    table = read_xlsx(filled(forms[-1], rows_of(forms[-1], example), forms), forms)
    assert (table.form, len(list(table.rows))) == (forms[-1], len(rows_of(forms[-1], example)))


def test_a_workbook_with_two_forms_filled_in_is_refused() -> None:
    forms = forms_of("payments")
    book = openpyxl.load_workbook(io.BytesIO(template(forms)))
    for sheet in book.worksheets:
        sheet.cell(3, 1, "LS1")
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(FileRefused, match="one worksheet only has rows"):
        read_xlsx(out, forms)


async def test_every_fact_goes_from_its_template_to_the_log(settings: Settings) -> None:
    declarations = [DECLARATIONS[context] for context in UPSTREAM_CONTEXTS]
    async with open_intake(declarations, settings) as intakes:
        by_context = {intake.context: intake for intake in intakes}
        for example in EXAMPLES:
            form = FORM_OF[example["type"]]
            intake = by_context[form.entry.context]
            upload = Upload(name="form.xlsx", source=example["source"])
            with TemporaryFile() as file:
                file.write(filled(form, rows_of(form, example)).getvalue())
                receipt = await take_file(intake, OPERATOR, upload, file)
            assert (receipt.facts, receipt.rejects) == (1, ()), example["type"]
    on_log = {event.event_id: event for event in await read(settings)}
    key = intakes[0].keys.digest
    assert {event_id: event.digest for event_id, event in on_log.items()} == {
        event_id_of(example["source"], example["id"]): digest_of(key, content_of(example))
        for example in EXAMPLES
    }
