"""The program ``dibao``."""

import sys

from deploy.address import read_address
from deploy.cli.app import app
from deploy.cli.output import errors


def main() -> None:
    """Run the command line; what a person can act upon is one sentence, not a traceback."""
    try:
        read_address()
        app(prog_name="dibao")
    except Exception as error:
        sentence = _sentence(error)
        if sentence is None:
            raise
        errors.print("[bold red]dibao:[/] ", end="")
        errors.print(sentence, soft_wrap=True, markup=False)
        sys.exit(1)


def _sentence(error: Exception) -> str | None:
    # Imported where something went wrong: they take longer than most of the help.
    from httpx import TransportError

    from deploy.local.errors import StackError
    from services.platform.failure import PipelineStoppedError, is_infrastructure
    from services.platform.keys import KeyFileError

    if isinstance(error, StackError | PipelineStoppedError):
        return str(error)
    if isinstance(error, KeyFileError):
        return f"{error}."
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}."
    if isinstance(error, TransportError):
        return f"{error.request.url} does not answer ({type(error).__name__}): `dibao status` says why."
    if is_infrastructure(error):
        return f"Kafka or PostgreSQL does not answer ({type(error).__name__}): `dibao status` says which."
    return None


if __name__ == "__main__":
    main()
