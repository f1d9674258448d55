"""The texts of a file: of a workbook those of its members, and what stands in its cells, a line each."""

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO

_PICTURES = (".png", ".jpg", ".gz")
_MOST = 20 * 1024 * 1024
"""Bytes of a member that are looked at: what is larger was made to be."""
_TAG = re.compile(r"<[^>]*>")


def texts_of(path: str, content: bytes) -> Iterator[str]:
    """Yield the texts of a file by its path; of pictures and what is packed otherwise there are none."""
    if path.endswith(_PICTURES):
        return
    if not path.endswith(".xlsx"):
        yield content.decode("utf-8", "replace")
        return
    try:
        book = zipfile.ZipFile(BytesIO(content))
    except zipfile.BadZipFile:
        yield content.decode("utf-8", "replace")  # a workbook by its name alone
        return
    with book:
        for member in book.infolist():
            if member.file_size > _MOST:
                continue
            try:
                text = book.read(member).decode("utf-8", "replace")
            except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError):
                continue  # damaged, or closed with a password, as inputs of tests are
            yield text
            yield _TAG.sub("\n", text)
