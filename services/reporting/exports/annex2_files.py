"""Annex 2 as a file, by the kind of the file."""

import asyncio
from typing import IO

from services.reporting.annex2 import Annex2
from services.reporting.exports.annex2_excel import annex2_workbook
from services.reporting.exports.annex2_pdf import write_annex2_pdf
from services.reporting.exports.annex2_text import annex2_csv
from services.reporting.exports.files import Kind, filled
from services.reporting.exports.text import Encoding


async def annex2_file(
    of: Annex2, kind: Kind, office: str = "", encoding: Encoding = "utf-8", remark: str = ""
) -> IO[bytes]:
    """Return a filled form as a file without a name, at its beginning; ``encoding`` is that of a .csv.

    ``office``: who reports, empty where it is written in by hand; ``remark``: a line below the form, of
    which a .csv has none. Raises TypesettingError.
    """

    async def write(into: IO[bytes]) -> None:
        if kind == "xlsx":
            into.write(await asyncio.to_thread(annex2_workbook, of, office, remark))
        elif kind == "pdf":
            await write_annex2_pdf(of, into, office, remark)
        else:
            into.write(annex2_csv(of, encoding))

    return await filled(write)
