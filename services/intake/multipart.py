"""Files from forms (multipart/form-data), as browsers and the programs of offices send them."""

import re
from collections.abc import AsyncGenerator
from typing import IO
from urllib.parse import unquote_to_bytes

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

_PARAMETER = re.compile(rb";\s*(name|filename|filename\*|boundary)\s*=\s*", re.IGNORECASE)
_EXTENDED = re.compile(rb';filename\*="?([\w-]*)\'[^\']*\'([^;"\s]*)')
_MAX_FIELDS = 10


class NoFileError(Exception):
    """The form is one, and holds no file."""


async def read_form(
    headers: Headers, chunks: AsyncGenerator[bytes, None]
) -> tuple[IO[bytes], dict[str, str]]:
    """Return the one file of a form and its fields, by names in small letters; the file's name is ``name``.

    Raises NoFileError, and MultiPartException where it is no form, or one of several files.
    """
    kind = _small(headers["content-type"].encode("latin-1"))
    parser = _Parser(Headers(raw=[(b"content-type", kind)]), chunks, max_files=1, max_fields=_MAX_FIELDS)
    file: UploadFile | None = None
    try:
        parts = await parser.parse()
        file = next((part for part in parts.values() if isinstance(part, UploadFile)), None)
    finally:
        if file is None:
            # A file that ended too early is in no part.
            for left in parser._files_to_close_on_error:
                left.close()
    if file is None:
        raise NoFileError
    fields = {name.lower(): value for name, value in parts.multi_items() if isinstance(value, str)}
    fields.setdefault("name", re.split(r"[\\/]", file.filename or "")[-1])
    return file.file, fields


class _Parser(MultiPartParser):
    """Takes for a file what senders mean as one.

    RFC 7578 forbids ``filename*``, and clients send it for every name that is not ASCII. Others send bytes
    without any name, or name the part as they like.
    """

    def on_headers_finished(self) -> None:
        part = self._current_part
        written = _small(part.content_disposition or b"")
        extended = _EXTENDED.search(written)
        if extended is not None:
            written += b';filename="%b"' % self._name(extended[1], extended[2])
        elif b";filename=" not in written and self._is_file(written):
            written += b';filename=""'
        part.content_disposition = written
        super().on_headers_finished()

    def _name(self, charset: bytes, value: bytes) -> bytes:
        try:
            text = unquote_to_bytes(value).decode(charset.decode("ascii") or "utf-8")
            name = text.encode(self._charset)
        except (LookupError, UnicodeError):
            raise MultiPartException("a name of a file in another charset than it says") from None
        return name.replace(b"\\", b"\\\\").replace(b'"', b'\\"')

    def _is_file(self, disposition: bytes) -> bool:
        if re.search(rb';name="?file"?\s*(?:;|$)', disposition, re.IGNORECASE):
            return True
        kinds = [value for name, value in self._current_part.item_headers if name == b"content-type"]
        return any(not kind.strip().lower().startswith(b"text/plain") for kind in kinds)


def _small(header: bytes) -> bytes:
    # Names of parameters count in any case, and with blanks around them.
    return _PARAMETER.sub(lambda found: b";" + found[1].lower() + b"=", header)
