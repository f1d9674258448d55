"""Files in forms, as the programs of offices write them."""

from collections.abc import AsyncGenerator
from urllib.parse import quote

import pytest
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException

from services.intake.multipart import NoFileError, read_form
from tests.services.intake.conftest import OpenIntake, client
from tests.services.intake.multipart_file import FILE

SOURCE = b'--bb\r\nContent-Disposition: form-data; name="source"\r\n\r\n/office/500102\r\n'


def part(disposition: str, kind: str | None = "text/csv", content: bytes = FILE) -> bytes:
    """A part of a form; its header in GB18030 where it is not ASCII."""
    said = f"--bb\r\nContent-Disposition: {disposition}\r\n".encode("gb18030")
    if kind is not None:
        said += f"Content-Type: {kind}\r\n".encode()
    return said + b"\r\n" + content + b"\r\n"


def field(name: str, value: str) -> bytes:
    return part(f'form-data; name="{name}"', None, value.encode())


JUNE = quote("六月.csv")
TAKEN = {
    "RFC 5987": (part(f"form-data; name=\"file\"; filename*=UTF-8''{JUNE}"), "六月.csv"),
    "in quotes": (part(f'form-data; name="file"; filename*="utf-8\'\'{JUNE}"'), "六月.csv"),
    "with a language": (part(f"form-data; name=\"file\"; filename*=UTF-8'zh-CN'{JUNE}"), "六月.csv"),
    "in GB18030": (
        part(f"form-data; name=\"file\"; filename*=gb18030''{quote('六月'.encode('gb18030'))}.csv"),
        "六月.csv",
    ),
    "beside a plain name": (
        part(f'form-data; name="file"; filename="______"; filename*=UTF-8\'\'{JUNE}'),
        "六月.csv",
    ),
    "before a plain name": (
        part(f'form-data; name="file"; filename*=UTF-8\'\'{JUNE}; filename="a.xls"'),
        "六月.csv",
    ),
    "with quotation marks": (
        part("form-data; name=\"file\"; filename*=UTF-8''%22a%22%5C.csv"),
        ".csv",
    ),
    "parameters in capitals": (part('Form-Data; Name="file"; FileName="a.csv"'), "a.csv"),
    "blanks around": (part('form-data;  name = "file" ;  filename = "a.csv"'), "a.csv"),
    "a path of Windows": (part('form-data; name="file"; filename="C:\\\\6月\\\\a.csv"'), "a.csv"),
    "a path": (part('form-data; name="file"; filename="../6/a.csv"'), "a.csv"),
    "another name of the part": (part('form-data; name="upload"; filename="a.csv"'), "a.csv"),
    "a name of the part in capitals": (part('form-data; name="File"; filename="a.csv"'), "a.csv"),
    "no name, but a field": (part('form-data; name="file"') + field("name", "a.csv"), "a.csv"),
    "no name, but a field before it": (field("NAME", "a.csv") + part('form-data; name="file"'), "a.csv"),
    "no name and no type": (part('form-data; name="file"', None) + field("name", "a.csv"), "a.csv"),
    "no name, by its type": (
        part('form-data; name="upload"', "application/octet-stream") + field("name", "a.csv"),
        "a.csv",
    ),
    "a field beside a name": (
        part('form-data; name="file"; filename="blob"') + field("name", "a.csv"),
        "a.csv",
    ),
}


async def read(content: bytes) -> tuple[bytes, dict[str, str]]:
    """The file and the fields of a form that consists of parts."""

    async def chunks() -> AsyncGenerator[bytes, None]:
        yield SOURCE + content + b"--bb--\r\n"

    file, fields = await read_form(Headers({"content-type": "multipart/form-data; Boundary=bb"}), chunks())
    with file:
        return file.read(), fields


@pytest.mark.parametrize("name", TAKEN)
async def test_what_is_meant_as_a_file_is_taken(name: str) -> None:
    content, shown = TAKEN[name]
    assert await read(content) == (FILE, {"source": "/office/500102", "name": shown})


REFUSED = {
    "no file": (field("a", "b"), NoFileError),
    "two files": (part('form-data; name="file"; filename="a.csv"') * 2, MultiPartException),
    "a charset that is none": (part("form-data; name=\"file\"; filename*=x-none''a.csv"), MultiPartException),
    "bytes of another": (part("form-data; name=\"file\"; filename*=utf-8''%ff.csv"), MultiPartException),
    "a part without a name": (part('form-data; filename="a.csv"'), MultiPartException),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_is_none_is_refused(name: str) -> None:
    with pytest.raises(REFUSED[name][1]):
        await read(REFUSED[name][0])


async def test_over_http(open_context: OpenIntake) -> None:
    file = part("form-data; name=\"file\"; filename*=UTF-8''%E5%85%AD%E6%9C%88.csv")
    nameless = part('form-data; name="file"')
    sent = [
        ("", file, 202, ""),
        ("?name=a.csv", nameless, 202, ""),
        ("", nameless, 415, "suffix"),
        ("", field("a", "b"), 422, "part-named-file"),
        ("", file + file, 422, "multipart"),
    ]
    async with client(await open_context("payments")) as http:
        for query, content, status, code in sent:
            kind = {"Content-Type": "multipart/form-data; boundary=bb"}
            body = SOURCE + content + b"--bb--\r\n"
            answer = await http.post(f"/files{query}", content=body, headers=kind)
            found = answer.json()
            assert (answer.status_code, found.get("errors", [{"code": ""}])[0]["code"]) == (status, code)
