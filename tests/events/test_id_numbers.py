"""Numbers of persons of every kind: their forms, their check digits, and what cannot be one."""

import pytest
from pydantic_core import PydanticCustomError

from events.id_numbers import (
    area_of,
    canonical_id_number,
    card_check_digit,
    earliest_birth,
    id_check_digit,
    issued,
)


def eighteen(first_17: str) -> str:
    return first_17 + id_check_digit(first_17)


def card(first_14: str) -> str:
    return first_14 + card_check_digit(first_14)


CITIZEN = "500102199209286028"
HONG_KONG, MACAO, TAIWAN = (eighteen(f"{area}19940823002") for area in ("810000", "820000", "830000"))
FOREIGNER = eighteen("95084019850615001")
OLD_CARD = card("USA50008506150")


def code_of(number: str) -> str:
    """The code with which a number is refused."""
    with pytest.raises(PydanticCustomError) as caught:
        canonical_id_number(number)
    return caught.value.type


@pytest.mark.parametrize("number", [CITIZEN, HONG_KONG, MACAO, TAIWAN, FOREIGNER, OLD_CARD])
def test_a_number_of_any_kind_has_one_form(number: str) -> None:
    wide = number.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
    for dressed in (number, number.lower(), wide, f" {number}　", f"{number[:3]} {number[3:7]} {number[7:]}"):
        assert canonical_id_number(dressed) == number
    assert issued(number)


def test_numbers_that_were_published() -> None:
    assert canonical_id_number("810000199408230021") == HONG_KONG
    assert canonical_id_number("830000199201300022") == "830000199201300022"


def test_the_check_digit_of_a_card_is_that_of_passports() -> None:
    # ICAO 9303, part 3: the document number and the date of birth of its specimen.
    assert card_check_digit("L898902C3") == "6"
    assert card_check_digit("740812") == "2"


@pytest.mark.parametrize("number", [CITIZEN, HONG_KONG, TAIWAN, FOREIGNER, OLD_CARD])
def test_another_last_digit_is_refused(number: str) -> None:
    for digit in "0123456789":
        if digit != number[-1]:
            assert code_of(number[:-1] + digit) == "id-number-check"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (card("USA50008513150"), "residence-card-birth"),
        (card("USA50008506320"), "residence-card-birth"),
        ("US150008506150", "id-number-form"),
        ("USA5000850615001", "id-number-form"),
        ("USA-5000-850615-01", "id-number-form"),
        ("500102\n199209286028", "id-number-form"),
        ("500102\t199209286028", "id-number-form"),
        ("500102  199209286028", "id-number-form"),
        ("500102-19920928-6028", "id-number-form"),
        ("5 0 0 1 0 2 1 9 9 2 0 9 2 8 6 0 2 8", "id-number-form"),
        ("500102199209286028 500102199209286028", "id-number-form"),
        ("不详", "value-required"),
        ("000000000000000000", "value-required"),
        ("000000000000000", "value-required"),
        ("无", "value-required"),
    ],
)
def test_what_is_no_number_is_said_by_its_code(number: str, code: str) -> None:
    assert code_of(number) == code


@pytest.mark.parametrize(
    ("number", "area"),
    [
        (CITIZEN, "500102"),
        (HONG_KONG, None),
        (MACAO, None),
        (TAIWAN, None),
        (FOREIGNER, None),
        (OLD_CARD, None),
        (eighteen("81000119940823002"), "810001"),
        (eighteen("99999919700101001"), "999999"),
    ],
)
def test_only_a_citizens_number_has_an_area_code_to_be_doubted(number: str, area: str | None) -> None:
    assert area_of(number) == area


def test_the_day_of_birth_of_a_card_may_be_of_two_centuries() -> None:
    assert earliest_birth(CITIZEN) == "19920928"
    assert earliest_birth(card("JPN11000502290")) == "19050229"


@pytest.mark.parametrize(
    "number",
    [
        eighteen("99999919700101001"),
        eighteen("96619919700101001"),
        card("QQQ50008506150"),
        card("USA20008506150"),
    ],
)
def test_what_nobody_gives_out_is_not_taken_for_shown(number: str) -> None:
    assert canonical_id_number(number) == number
    assert not issued(number)
