"""Annex 2 as a .csv: a line a column of the form, a column an area, and the checks below."""

from projections import labels
from projections.annex2.form import form
from services.reporting.annex2 import Annex2
from services.reporting.exports.annex2_layout import rows
from services.reporting.exports.text import Encoding, encoded, lines


def annex2_csv(filled: Annex2, encoding: Encoding = "utf-8") -> bytes:
    """Return the filled form as a .csv."""
    areas = list(rows(filled))
    cells = [
        [
            column.code,
            "/".join((*column.path, column.name)),
            column.unit,
            *(
                labels.NOT_CONNECTED if found[column.code] is None else found[column.code]
                for _, found in areas
            ),
        ]
        for column in form().columns
    ]
    checks = [
        [labels.CHECK, str(result.check), "", *([""] * len(filled.rows)), result.verdict]
        for result in filled.checks
    ]
    heads = ["栏", "项目", labels.UNIT_ROW, *(area for area, _ in areas)]
    return encoded(lines([heads, *cells, *checks]), encoding)
