"""The root of the command line. A command's module is imported when the command is asked for.

Importing all of them takes seconds, which every process of ours would spend, since each is ``dibao serve …``.
"""

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group


class Listed(NamedTuple):
    """The module below ``deploy.cli`` that registers a command, and its line in the list of commands."""

    module: str
    line: str


COMMANDS: dict[str, Listed] = {
    "up": Listed("running", "Start Kafka, PostgreSQL and all services."),
    "down": Listed("running", "Stop all of them."),
    "restart": Listed("running", "Stop processes and start them again."),
    "failover": Listed("running", "Write to PostgreSQL's replica from now on."),
    "status": Listed("status", "Show every process, and what it waits for."),
    "doctor": Listed("doctor", "Say what is wrong, and what to do about it."),
    "service": Listed("service", "Write units of systemd."),
    "serve": Listed("serving", "Run one service in the foreground."),
    "demo": Listed("demonstration", "Simulate four years of an invented street."),
    "simulate": Listed("simulation", "Invent streets: files, facts and labels."),
    "publish": Listed("publishing", "Hand over facts: NDJSON, CSV, Excel."),
    "calendar": Listed("calendar", "State a year's holidays: working days are counted by them."),
    "void": Listed("publishing", "Undo a fact: it never counted."),
    "receipt": Listed("publishing", "Show what became of a file or batch."),
    "template": Listed("templates", "Write an empty form to be filled in."),
    "mapping": Listed("mappings", "Read a bank's or office's own list."),
    "contract": Listed("contract", "Write the contract's pages from the code."),
    "close-day": Listed("days", "Close a day: fix what is recorded by it."),
    "wait": Listed("days", "Wait until everything is worked through."),
    "anomalies": Listed("reading", "List anomalies."),
    "explain": Listed("stories", "Say why an anomaly is there."),
    "household": Listed("stories", "Tell all that is on record of a household."),
    "backtest": Listed("backtest", "Try policy or rules on what is on record."),
    "policy": Listed("policy", "The rules' parameters: show, propose, approve."),
    "rules": Listed("reading", "List the rules, and what policy may set of them."),
    "ledger": Listed("reading", "Print a ledger (台账)."),
    "view": Listed("reading", "Print a supervision view (监督视图)."),
    "annex2": Listed("annex2", "Fill Annex 2 (附件2), keep its quarters, compare them."),
    "alert": Listed("alerts", "Tell people: subscriptions, what they were told, snoozes."),
    "rebuild": Listed("rebuilding", "Rebuild ledgers or findings from the log."),
    "supply": Listed("supply", "What others wrote: SBOM, licences, known weaknesses."),
    "backup": Listed("recovery", "Keep in a file what only PostgreSQL has."),
    "restore": Listed("recovery", "Put a backup into a new PostgreSQL."),
    "recover": Listed("recovery", "Make PostgreSQL and Kafka one again after a loss."),
    "bench": Listed("bench", "Measure how fast this machine is."),
    "source": Listed("sources", "Upstreams and their keys."),
    "secrets": Listed("secrets", "Make a new deployment's passwords, keys, certificates."),
    "prepare": Listed("preparing", "Bring servers elsewhere up to date: tables, topics."),
    "roles": Listed("roles", "The services' own roles in PostgreSQL."),
    "access": Listed("access", "Keys of readers, and of the operator."),
    "keys": Listed("keys", "The deployment's keys: list, renew."),
    "dlq": Listed("dead_letters", "Dead letters: list, show, send again."),
    "topics": Listed("topics", "Kafka's topics, and who may do what with them."),
    "open": Listed("openings", "Open one person, account or text, for a reason."),
    "erase": Listed("erasing", "Destroy the key of one person's values, by two people."),
    "openings": Listed("openings", "List who opened what, and why."),
    "prove": Listed("journal", "Prove that a fact is on record."),
    "verify": Listed("journal", "Compare Kafka, journal and facts; check proofs."),
    "witness": Listed("journal", "Countersign a checkpoint as a second office."),
    "journal": Listed("journal", "The journal: state, key, the log written anew."),
    "quarantine": Listed("quarantine", "Records on the log that nobody can read."),
}
"""Every command, in the order of the help."""


class _Commands(TyperGroup):
    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        # What the list, completion and "did you mean" need to know of a command before it is imported.
        self.commands = {
            name: TyperCommand(name, short_help=listed.line, help=listed.line)
            for name, listed in COMMANDS.items()
        }

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[Any, Any, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        return name, command and _imported(COMMANDS[str(name)].module)[str(name)], rest


@cache
def _imported(module: str) -> dict[str, Any]:
    group = typer.Typer(pretty_exceptions_show_locals=False, rich_markup_mode="rich")
    import_module(f"deploy.cli.{module}").register(group)
    return dict(get_group(group).commands)


app = typer.Typer(
    name="dibao",
    cls=_Commands,
    help="低保 under supervision: upstream facts to anomalies, ledgers and the Annex-2 form.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        # Only here: it takes 2 MB, in every process of ours.
        import tomllib

        checkout = Path(__file__).parents[2]
        project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        typer.echo(f"dibao {project['version']}, {checkout}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """低保 under supervision: upstream facts to anomalies, ledgers and the Annex-2 form."""
