"""Canonical forms: one value, one spelling."""

from datetime import UTC, date, datetime

import pytest

from events.id_numbers import canonical_id_number, id_check_digit
from events.values import (
    add_months,
    canonical_account_number,
    canonical_credit_code,
    first_day,
    local_date,
    month_of,
)


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        ("11010519491231002X", "11010519491231002X"),
        ("11010519491231002x", "11010519491231002X"),
        (" 110105 19491231 002X ", "11010519491231002X"),
        ("１１０１０５１９４９１２３１００２Ｘ", "11010519491231002X"),
        ("110105491231002", "11010519491231002X"),
    ],
)
def test_an_id_number_has_one_form(raw: str, canonical: str) -> None:
    assert canonical_id_number(raw) == canonical


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("110105194912310021", "check digit"),
        ("11010519491331002X", "not a date"),
        ("11010517491231002X", "before 1850"),
        ("1101051949123100", "18 characters"),
        ("1101051949123100２Y", "18 characters"),
        ("", "18 characters"),
    ],
)
def test_a_wrong_id_number_is_explained_and_never_repeated(raw: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected) as caught:
        canonical_id_number(raw)
    assert not raw or raw not in str(caught.value)


def test_an_abolished_area_code_does_not_fail() -> None:
    first_17 = "51230119700101001"
    assert canonical_id_number(first_17 + id_check_digit(first_17)).startswith("512301")


def test_an_account_number_has_one_form() -> None:
    assert canonical_account_number("６２１７ 0000-0000 7922") == "6217000000007922"
    with pytest.raises(ValueError, match="4 to 34"):
        canonical_account_number("12#4")


@pytest.mark.parametrize(
    ("raw", "canonical"),
    [
        ("6217 0000 0000 7922", "6217000000007922"),
        ("6217000000007922 ", "6217000000007922"),
        ("6217 0000 0000 0079 223", "6217000000000079223"),
        ("21-123456789012345", "21123456789012345"),
        ("６２１７　００００　００００　７９２２", "6217000000007922"),
        ("6217\u00a00000\u00a00000\u00a07922", "6217000000007922"),
        ("nra40012345", "NRA40012345"),
    ],
)
def test_an_account_number_may_be_written_by_fours(raw: str, canonical: str) -> None:
    assert canonical_account_number(raw) == canonical


@pytest.mark.parametrize(
    "raw",
    [
        *("62170000\n00007922", "6217 0000\n0000 7922", "6217\t0000\t0000\t7922", "6217  0000 0000 7922"),
        *(
            "6217000000007922 6217000000007923",
            "62170000 00007922",
            "6217--0000-0000-7922",
            "-6217000000007922",
        ),
        *("6217 0000 0000 7922、", "6217\u200b000000007922", "6.217E+15", "٦٢١٧٠٠٠٠", "²²²²²"),
    ],
)
def test_what_may_be_two_account_numbers_is_none(raw: str) -> None:
    with pytest.raises(ValueError, match="by fours"):
        canonical_account_number(raw)


@pytest.mark.parametrize(
    ("raw", "whose"),
    [
        ("91110000600037341L", "a company"),
        ("54500102MEA000001E", "a village committee"),
        ("55500102MEA000002E", "a residents' committee"),
        ("N2500102MF0000003D", "a village's economic collective"),
    ],
)
def test_a_credit_code_of_whichever_body_has_one_form(raw: str, whose: str) -> None:
    assert canonical_credit_code(raw) == raw, whose
    assert canonical_credit_code(f" {raw[:8].lower()}-{raw[8:].lower()} ") == raw


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("91110000600037341M", "check digit"),
        ("91110000600037341I", "without I, O, S, V, Z"),
        ("91110000600037341", "18 digits"),
        ("5450010XMEA000001P", "18 digits"),
        ("", "18 digits"),
    ],
)
def test_a_wrong_credit_code_is_explained(raw: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        canonical_credit_code(raw)


def test_months_count_over_years() -> None:
    assert add_months("2020-11", 3) == "2021-02"
    assert add_months("2021-01", -1) == "2020-12"
    assert month_of(date(2021, 6, 30)) == "2021-06"
    assert first_day("2021-06") == date(2021, 6, 1)


def test_a_day_is_a_day_in_china() -> None:
    assert local_date(datetime(2021, 6, 30, 16, 30, tzinfo=UTC)) == date(2021, 7, 1)
