"""``dibao contract``: the contract as schemas, an AsyncAPI document and pages; its releases."""

from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.output import console, fail
from deploy.contract import export as exporting
from deploy.contract import releases
from deploy.contract.rules import rule_pages

app = typer.Typer(
    help="The contract: schemas, AsyncAPI document and pages written from the code; its releases.",
    no_args_is_help=True,
)


def register(root: typer.Typer) -> None:
    """Hang this group into the root."""
    root.add_typer(app, name="contract")


@app.command("export")
def export(
    out: Annotated[Path, typer.Option("--out", help="The folder to write.")] = exporting.FOLDER,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; end with code 1 where the folder differs.")
    ] = False,
) -> None:
    """Write schemas, AsyncAPI document and pages, the rules' too; delete what is no longer part of them."""
    wanted = {out: exporting.files()}
    if out == exporting.FOLDER:
        wanted[exporting.RULES] = rule_pages()
    for folder, files in wanted.items():
        if not check:
            written = exporting.write(folder, files)
            console.print(f"{folder}: {len(files)} files, {len(written)} of them new or changed.")
        elif differing := exporting.differing(folder, files):
            shown = "\n  ".join(differing[:20]) + ("\n  …" if len(differing) > 20 else "")
            raise fail(
                f"{folder} differs from the code; write it anew with `dibao contract export`:\n  {shown}"
            )
        else:
            console.print(f"{folder} is as the code has it.")


@app.command("release")
def release(
    version: Annotated[str, typer.Argument(help="The version to release, as events/catalogue.py has it.")],
) -> None:
    """Write today's schemas down as a release, once; refuse where a promise of an earlier one is broken."""
    try:
        file = releases.release(version)
    except releases.ReleaseRefusedError as error:
        raise fail(f"{error}.") from None
    console.print(f"{file}: version {version} is released. Its records belong into the golden log.")
