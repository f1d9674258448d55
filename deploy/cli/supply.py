"""``dibao supply``: components of others, their licences, and what is known against them."""

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.output import Format, FormatOption, console, fail, in_a_folder, show
from deploy.supply.audit import SERVICE, NotAuditedError, read_accepted
from deploy.supply.audit import audit as ask
from deploy.supply.components import Component, Kind, components
from deploy.supply.licences import licence_of, policy, refused
from deploy.supply.sbom import document
from events.values import SHANGHAI

app = typer.Typer(
    help="What dibao is made of that others wrote: components, licences, known weaknesses.",
    no_args_is_help=True,
)

_NOT_AUDITED = 3

OnlyOption = Annotated[
    list[str] | None,
    typer.Option("--only", help="Only of pypi, maven or npm; without it all that this checkout uses."),
]


def register(root: typer.Typer) -> None:
    """Hang this group into the root."""
    root.add_typer(app, name="supply")


def _components(only: list[str] | None) -> list[Component]:
    kinds: dict[str, Kind] = {"pypi": "pypi", "maven": "maven", "npm": "npm"}
    if unknown := [each for each in only or () if each not in kinds]:
        raise typer.BadParameter(f"{unknown[0]} is none of {', '.join(kinds)}.", param_hint="--only")
    return components([kinds[each] for each in dict.fromkeys(only or kinds)])


@app.command("sbom")
def sbom(
    out: Annotated[Path, typer.Option("--out", help="The file to write.", callback=in_a_folder)],
    only: OnlyOption = None,
) -> None:
    """Write every component with its version, licence and what it needs, as CycloneDX 1.6 (JSON)."""
    found = _components(only)
    out.write_text(document(found, policy()) + "\n", encoding="utf-8")
    console.print(f"{out}: {len(found)} components.")


@app.command("licences")
def licences(form: FormatOption = Format.table, only: OnlyOption = None) -> None:
    """List every component's licence; end with code 1 where one is unknown or not allowed."""
    found = _components(only)
    show(
        (
            {
                "kind": each.kind,
                "name": each.name,
                "version": each.version,
                "licence": licence_of(each, policy()),
            }
            for each in found
        ),
        form,
    )
    if wrong := refused(found, policy()):
        raise fail("; ".join(wrong) + ".")


@app.command("audit")
def audit(
    service: Annotated[str, typer.Option("--service", help="Who is asked: any that speaks OSV.")] = SERVICE,
    sbom: Annotated[
        Path | None,
        typer.Option("--sbom", help="Ask about this list (CycloneDX, JSON) instead.", exists=True),
    ] = None,
    only: OnlyOption = None,
) -> None:
    """Ask for known weaknesses of every component; code 1 where there are some, 3 where nobody could tell."""
    if sbom is None:
        purls = [each.purl for each in _components(only)]
    else:
        listed = json.loads(sbom.read_bytes())
        purls = [each["purl"] for each in listed.get("components", ()) if "purl" in each]
    today = datetime.now(SHANGHAI).date()
    try:
        found = ask(purls, today=today, accepted=read_accepted(), service=service)
    except NotAuditedError as error:
        raise fail(f"{error}.", _NOT_AUDITED) from None
    for advisory, accepted in found.accepted:
        console.print(f"accepted until {accepted.until} ({accepted.by}: {accepted.reason}): {advisory}")
    for advisory in found.found:
        console.print(str(advisory), soft_wrap=True, markup=False)
    asked = ", ".join(f"{count} of {kind}" for kind, count in sorted(found.asked.items()))
    if found.found:
        raise fail(f"{len(found.found)} known weaknesses of components ({asked} asked about).")
    console.print(f"Nothing is known against the components ({asked} asked about at {service}).")
