"""Files as answers of HTTP."""

from collections.abc import AsyncIterator, Iterator
from typing import IO

from fastapi.responses import Response, StreamingResponse

from services.reporting.exports.files import Kind, file_of
from services.reporting.exports.listing import Listing
from services.reporting.exports.text import Encoding, csv_of

MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
_PART = 1 << 16


async def csv_answer(listing: Listing, name: str, encoding: Encoding) -> Response:
    """Return a list as a .csv that is sent as it is read. Raises what reading its first page raises."""
    pages = csv_of(listing, encoding)
    first = await anext(pages)  # so that a refusal is no stream that breaks
    return StreamingResponse(_resumed(first, pages), media_type=csv_type(encoding), headers=named(name))


async def file_answer(listing: Listing, kind: Kind, name: str) -> Response:
    """Return a list as a file. Raises what making it raises."""
    return sent(await file_of(listing, kind), kind, name)


def sent(file: IO[bytes], kind: Kind, name: str) -> Response:
    """Return a file as an answer that closes it."""
    return StreamingResponse(_parts(file), media_type=MEDIA_TYPES[kind], headers=named(name))


def csv_type(encoding: Encoding) -> str:
    """Return the media type of a .csv."""
    return f"text/csv; charset={encoding}"


def named(file: str) -> dict[str, str]:
    """Return the headers of an answer that is a file."""
    return {"Content-Disposition": f'attachment; filename="{file}"'}


async def _resumed(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for part in rest:
        yield part


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while part := file.read(_PART):
            yield part
