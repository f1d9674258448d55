"""What those who administer a deployment do at the command line."""

from services.platform.access import add_holder
from tests.deploy.cli.terminal import Terminal


async def erase(terminal: Terminal, *subjects: str) -> None:
    """Erase by two people."""
    key = await add_holder(terminal.street.pool, "赵敏", "operator")
    proposed = await terminal.run("erase", "propose", *subjects, "--reason", "依法删除")
    number = proposed.output.split()[1]
    await terminal.run("erase", "confirm", number, code=1)
    await terminal.run("erase", "confirm", number, "--key", key)


def as_owner(terminal: Terminal, database: str) -> Terminal:
    """The same terminal, for the administrator of a database."""
    other = Terminal(terminal.street, terminal.street.deployment)
    other.environment = {**terminal.environment, "DIBAO_DATABASE_URL": database}
    return other
