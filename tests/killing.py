"""Ending servers of a stack as a crash would: one process, or all of a kind."""

from deploy.local import Stack, status, up
from deploy.local.stack import kind_of


def names_of(stack: Stack, kind: str) -> list[str]:
    """The processes of a server: one, or those of a cluster."""
    return [found.name for found in status(stack.settings) if kind_of(found.name) == kind]


def kill_all(stack: Stack, kind: str) -> None:
    """Kill -9 every process of a server."""
    for name in names_of(stack, kind):
        stack.kill9(name)


def start_all(stack: Stack) -> None:
    """Start what does not run, and wait for it: of a Kafka whose controllers all died none serves alone."""
    up(stack.settings, print)
