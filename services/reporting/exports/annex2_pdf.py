"""Annex 2 as a .pdf in the form's own layout, on A3: heads and signatures on every page."""

from typing import IO

from projections import labels
from projections.annex2.form import form
from services.reporting.annex2 import Annex2
from services.reporting.exports.annex2_layout import LEVEL_1, basis_of, below, heads, notes, rows, stub
from services.reporting.exports.pdf import typeset


async def write_annex2_pdf(filled: Annex2, into: IO[bytes], office: str = "", remark: str = "") -> None:
    """Write the filled form as a .pdf; ``office``: who reports, empty where it is written by hand.

    ``remark``: a line below the form. Raises TypesettingError.
    """
    of, basis = form(), basis_of(filled, office)
    placed = heads(of)
    depth = max(head.bottom for head in placed) - LEVEL_1 + 1
    data = {
        "mark": labels.ANNEX_2,
        "title": of.title,
        "line": f"{labels.OFFICE_SEALED}：{office or labels.BLANK}        {basis.text}",
        "columns": len(of.columns),
        "heads": [
            {
                "text": stub(of, filled) if head.left == 1 else head.text,
                "x": head.left - 1,
                "y": head.top - LEVEL_1,
                "colspan": head.right - head.left + 1,
                "rowspan": head.bottom - head.top + 1,
            }
            for head in placed
        ],
        "depth": depth,
        "units": [labels.UNIT_ROW, *(column.unit for column in of.columns)],
        "note": labels.NOTE_ROW,
        "notes": [
            {"text": text, "x": left - 1, "colspan": right - left + 1} for text, left, right in notes(of)
        ],
        "rows": [
            [
                label,
                *(_text(cells[column.code]) for column in of.columns),
            ]
            for label, cells in rows(filled)
        ],
        "unconnected": labels.NOT_CONNECTED,
        "all": of.notes["all"],
        "below": below(filled, basis, remark),
        "signatures": labels.ANNEX_2_SIGNATURES,
        "page": labels.PAGE.split("{}"),
    }
    await typeset("annex2.typ", data, into)


def _text(count: int | None) -> str | None:
    return None if count is None else str(count)
