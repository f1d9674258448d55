"""Number formats: what a sheet shows of a number is known, or said not to be known; never guessed."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.styles.numbers import BUILTIN_FORMATS

from services.intake.number_formats import format_numbered, is_plain, read_format

SHOWN_BY_LIBREOFFICE = Path(__file__).with_name("libreoffice_shows.csv")
"""Formats by rows, numbers by columns: what LibreOffice 7.4 (zh-CN) writes as it shows them."""


def shown(code: str, value: float) -> str | None:
    """What a format shows of a number."""
    number_format = read_format(code)
    return "plain" if number_format is None else number_format.shown(value)


def golden() -> list[tuple[str, float, str]]:
    """Format, number, and what is shown of it."""
    with SHOWN_BY_LIBREOFFICE.open(encoding="utf-8", newline="") as file:
        (_, *numbers), *rows = csv.reader(file)
    return [
        (code, float(number) if "." in number else int(number), text)
        for code, *texts in rows
        for number, text in zip(numbers, texts, strict=True)
    ]


def test_formats_that_have_only_a_number_are_those_of_the_standard() -> None:
    for number, code in BUILTIN_FORMATS.items():
        # A Chinese edition shows the currency of its country.
        assert format_numbered(number) == code.replace('"$"', '"¥"'), number


def test_what_is_shown_is_what_libreoffice_shows() -> None:
    cases = golden()
    assert len(cases) > 600
    differ = [(code, value, text, shown(code, value)) for code, value, text in cases]
    # Of a negative number in red without a sign we say that we do not know what it shows.
    assert [case for case in differ if case[2] != case[3] and case[3] is not None] == []
    unknown = {(code, value) for code, value, _, mine in differ if mine is None}
    assert unknown == {('0.00;"负"0.00', -1), ('0.00;"负"0.00', -12), ('0.00;"负"0.00', -540.456)}


@pytest.mark.parametrize("code", ["", "General", "GENERAL", "@"])
def test_general_and_text_show_every_number_plainly(code: str) -> None:
    assert read_format(code) is None


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        ("0.##", 5, "5."),
        ('0!.0,"万"', 1250500, "125.1万"),
        ('General"户"', 1.5, "1.5户"),
        ("0;[Red]0", -12, None),
        ("[>=1]0;0.0", 1, None),
        ('[=1]"是";[=0]"否"', 1, None),
        ("0.00E+00", 5, None),
        ("# ?/?", 0.5, None),
        ("[DBNum1]0", 5, None),
        ("[DBNum2][$-804]General", 5, None),
        ("0.00", 1e300, None),
        ("0.0.0", 5, None),
        ("QP0", 5, None),
        ("0" * 300, 5, None),
        ('General"户"', 202106000123, None),
    ],
)
def test_formats_of_which_libreoffice_was_not_asked(code: str, value: float, expected: str | None) -> None:
    assert shown(code, value) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("yyyy-mm-dd", "day"),
        ("mm-dd-yy", "day"),
        ("yyyy/m/d;@", "day"),
        ('yyyy"年"m"月"d"日"', "day"),
        ('[DBNum1][$-804]yyyy"年"m"月"d"日";@', "day"),
        ("[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "day"),
        ("yyyy-mm-dd hh:mm:ss.000", "day"),
        ("[$-409]yyyy/m/d h:mm AM/PM;@", "day"),
        ("yyyymmdd", "day"),
        ('yyyy"年"m"月"', "month"),
        ("mmm-yy", "month"),
        ("yyyy.mm", "month"),
        ('m"月"d"日"', "moment"),
        ("d-mmm", "moment"),
        ("yyyy", "moment"),
        ("yyyy hh:mm", "moment"),
        ("aaaa", "moment"),
        ("h:mm", "moment"),
        ("[h]:mm:ss", "unknown"),
        ("[$-F400]h:mm:ss\\ AM/PM", "moment"),
        ('上午/下午h"时"mm"分"', "moment"),
        ("[$-130000]yyyy/m/d", "unknown"),
        ("[$-411]ge.m.d", "moment"),
        ("bbbb-mm-dd", "moment"),
    ],
)
def test_days_and_months_are_told_from_times_and_parts_of_days(code: str, expected: str) -> None:
    number_format = read_format(code)
    assert number_format is not None
    assert number_format.shows == expected
    assert number_format.shown(44375.5) is None


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (0, "General"),
        (14, "mm-dd-yy"),
        (31, 'yyyy"年"m"月"d"日"'),
        (57, 'yyyy"年"m"月"'),
        (49, "@"),
        (163, "General"),
    ],
)
def test_formats_that_files_name_by_a_number_only(number: int, expected: str) -> None:
    assert format_numbered(number) == expected


PLAIN = [
    "0",
    "0.00",
    "#,##0",
    "#,##0.00",
    "0_ ",
    '_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ',
    "0.00_);[Red]\\(0.00\\)",
]


@given(st.sampled_from(PLAIN), st.integers(-(10**12), 10**12).filter(bool))
def test_whole_numbers_in_the_formats_of_amounts_are_plain(code: str, value: int) -> None:
    number_format = read_format(code)
    assert number_format is not None
    assert number_format.plain
    assert is_plain(number_format.shown(value), value)


@given(
    st.text('0#?.,%-;_*\\"[]@年元 EQyd/hm()', max_size=20),
    st.integers() | st.floats(allow_nan=False, allow_infinity=False),
)
def test_any_format_shows_a_text_or_is_unknown(code: str, value: float) -> None:
    number_format = read_format(code)
    text = number_format.shown(value) if number_format else None
    if text is not None:
        assert text == text.strip()
        # A number below 0 never looks like one above it.
        digits = "".join(mark for mark in text if mark in "123456789")
        assert value >= 0 or not digits or "-" in text or "(" in text
