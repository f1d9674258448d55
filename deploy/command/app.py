"""The root of the command line. A command's module is imported when the command is asked for.

Importing all of them takes seconds, which every process of ours would spend, since each is ``dibao serve …``.
"""

from functools import cache
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

COMMANDS: dict[str, str] = {
    "up": "running",
    "down": "running",
    "status": "running",
    "serve": "serving",
    "demo": "demonstration",
    "simulate": "simulation",
    "publish": "publishing",
    "void": "publishing",
    "receipt": "publishing",
    "template": "templates",
    "mapping": "mappings",
    "contract": "contract",
    "close-day": "days",
    "wait": "days",
    "anomalies": "reading",
    "explain": "reading",
    "ledger": "reading",
    "annex2": "reading",
    "rebuild": "rebuilding",
    "bench": "bench",
    "source": "sources",
    "dlq": "dead_letters",
    "quarantine": "quarantine",
}
"""Every command, in the order of the help, and the module below ``deploy.command`` that registers it."""


class _Commands(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        module = COMMANDS.get(cmd_name)
        return None if module is None else _commands_of(module)[cmd_name]


@cache
def _commands_of(module: str) -> dict[str, Any]:
    group = typer.Typer(pretty_exceptions_show_locals=False, rich_markup_mode="rich")
    import_module(f"deploy.command.{module}").register(group)
    return dict(get_group(group).commands)


app = typer.Typer(
    name="dibao",
    cls=_Commands,
    help="低保 under supervision: upstream facts to anomalies, ledgers and the Annex-2 form.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="rich",
)


@app.callback()
def _root() -> None:
    """低保 under supervision: upstream facts to anomalies, ledgers and the Annex-2 form."""
