"""``python -m deploy.command`` and the script ``dibao``."""

import sys

from deploy.command.app import app
from deploy.command.output import errors
from deploy.local.errors import StackError
from services.platform.failure import PipelineStoppedError


def main() -> None:
    """Run the command line; what a person can act upon is one sentence, not a traceback."""
    try:
        app()
    except (StackError, PipelineStoppedError) as error:
        errors.print(f"[bold red]dibao:[/] {error}", soft_wrap=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
