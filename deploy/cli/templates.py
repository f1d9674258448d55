"""``dibao template``: empty forms for offices to fill in."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.output import console, fail, in_a_folder
from deploy.contexts import forms_named
from events.catalogue import UPSTREAM_CONTEXTS
from services.intake.templates import template


def register(app: typer.Typer) -> None:
    """Hang this command into the root."""
    app.command("template")(write_template)


def write_template(
    name: Annotated[
        str,
        typer.Argument(
            metavar="CONTEXT|TYPE",
            help="A context (all its forms, a worksheet each): "
            + ", ".join(UPSTREAM_CONTEXTS)
            + "; or one type, such as payments.paid.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option("--out", callback=in_a_folder, help="The workbook to write, such as payments.xlsx."),
    ],
) -> None:
    """Write an empty form to be filled in: headers with comments, drop-downs, cells that keep long numbers.

    Fill in one worksheet and hand the workbook in as it is: `dibao publish FILE.xlsx --context … --source …`.
    Worksheets left empty say nothing; if two are filled in, hand in two workbooks.
    """
    forms = forms_named(name)
    if not forms:
        raise fail(f"{name} is neither a context ({', '.join(UPSTREAM_CONTEXTS)}) nor a type.", 2)
    if out.suffix.lower() != ".xlsx":
        raise fail(f"{out.name}: a template is a workbook; let its name end in .xlsx.", 2)
    if out.exists():
        raise fail(f"{out} is there already, and may be filled in: choose another name.", 2)
    out.write_bytes(template(forms))
    console.print(f"{out}: " + "、".join(f"{form.title} ({form.short_name})" for form in forms))
