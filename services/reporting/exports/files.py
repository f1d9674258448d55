"""Lists as files, by the kind of the file."""

from collections.abc import Awaitable, Callable
from tempfile import TemporaryFile
from typing import IO, Literal

from services.reporting.exports.excel import write_workbook
from services.reporting.exports.listing import Listing
from services.reporting.exports.pdf import write_pdf
from services.reporting.exports.text import Encoding, csv_of

Kind = Literal["csv", "xlsx", "pdf"]


async def file_of(listing: Listing, kind: Kind, encoding: Encoding = "utf-8") -> IO[bytes]:
    """Return a list as a file without a name, at its beginning; ``encoding`` is that of a .csv.

    Raises TooManyRowsError, and what reading the list's pages raises.
    """
    return await filled(lambda into: _write(listing, kind, encoding, into))


async def filled(write: Callable[[IO[bytes]], Awaitable[None]]) -> IO[bytes]:
    """Return a file without a name that was written to, at its beginning."""
    file = TemporaryFile()  # noqa: SIM115 - whoever asks closes it
    try:
        await write(file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


async def _write(listing: Listing, kind: Kind, encoding: Encoding, into: IO[bytes]) -> None:
    if kind == "xlsx":
        await write_workbook(listing, into)
    elif kind == "pdf":
        await write_pdf(listing, into)
    else:
        async for part in csv_of(listing, encoding):
            into.write(part)
