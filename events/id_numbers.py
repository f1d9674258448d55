"""Numbers of persons: of citizens, of residents from Hong Kong, Macao and Taiwan, of foreigners who stay.

| Whose | Form | Check digit |
|---|---|---|
| citizens (GB 11643) | area code, date of birth, 3 digits, check digit; before 1999 15 digits | mod 11-2 |
| residents of Hong Kong, Macao, Taiwan | the same, with 810000, 820000, 830000 as area code | mod 11-2 |
| foreigners, since 2023-12 | 9, province, country (ISO 3166, digits), then the same | mod 11-2 |
| foreigners, before | country (ISO 3166, letters), area (4 digits), YYMMDD, 1 digit, check digit | 7-3-1 |
"""

import re
from datetime import date
from operator import mul

from events.characters import joined
from events.expectations import unfit
from events.fillers import no_filler

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"

_PARTS = re.compile("[0-9]+(?: [0-9]+){0,4}(?: ?[0-9Xx])?|[A-Za-z]{3}(?: ?[0-9]+){1,4}")
_CARD = re.compile("[A-Z]{3}[0-9]{12}")

_PROVINCE = "(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5])"
_ISSUED = re.compile(f"{_PROVINCE}|71|8[1-3]|91|9{_PROVINCE}")
_CARD_OF_A_PROVINCE = re.compile(f"[A-Z]{{3}}{_PROVINCE}")
_WITHOUT_AREA = re.compile(f"8[123]0000|9{_PROVINCE}|[A-Z]{{3}}")

# ISO 3166-1, letters.
_COUNTRIES = (
    "ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR BHR "
    "BHS BIH BLM BLR BLZ BMU BOL BRA BRB BRN BTN BVT BWA CAF CAN CCK CHE CHL CHN CIV CMR COD COG COK COL "
    "COM CPV CRI CUB CUW CXR CYM CYP CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESH ESP EST ETH FIN FJI FLK "
    "FRA FRO FSM GAB GBR GEO GGY GHA GIB GIN GLP GMB GNB GNQ GRC GRD GRL GTM GUF GUM GUY HKG HMD HND HRV "
    "HTI HUN IDN IMN IND IOT IRL IRN IRQ ISL ISR ITA JAM JEY JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO "
    "LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA MAC MAF MAR MCO MDA MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG "
    "MNP MOZ MRT MSR MTQ MUS MWI MYS MYT NAM NCL NER NFK NGA NIC NIU NLD NOR NPL NRU NZL OMN PAK PAN PCN "
    "PER PHL PLW PNG POL PRI PRK PRT PRY PSE PYF QAT REU ROU RUS RWA SAU SDN SEN SGP SGS SHN SJM SLB SLE "
    "SLV SMR SOM SPM SRB SSD STP SUR SVK SVN SWE SWZ SXM SYC SYR TCA TCD TGO THA TJK TKL TKM TLS TON TTO "
    "TUN TUR TUV TWN TZA UGA UKR UMI URY USA UZB VAT VCT VEN VGB VIR VNM VUT WLF WSM YEM ZAF ZMB ZWE "
)


def id_check_digit(first_17: str) -> str:
    """Return the 18th character of an ID number (GB 11643, mod 11-2) for its first 17 digits."""
    return _CHECK[sum(map(mul, map(int, first_17), _WEIGHTS)) % 11]


def card_check_digit(first_14: str) -> str:
    """Return the last digit of an older permanent residence card's number (ICAO 9303) for the first 14."""
    # int("A", 36) is 10, as there.
    return str(sum(int(each, 36) * (7, 3, 1)[at % 3] for at, each in enumerate(first_14)) % 10)


def canonical_id_number(raw: str) -> str:
    """Return a person's number in its one form: full-width folded, letters upper-case, 15 digits made 18.

    Blanks around it do not count, nor do single ones between its parts. Raises ValueError that never repeats
    the value. Area codes are not checked: abolished ones are valid for life (domain.md, section 4).
    """
    folded = raw.upper() if raw.isascii() and raw.isalnum() else joined(raw, _PARTS).upper()
    if len(folded) == 15 and folded.isascii():
        if folded.isdigit():
            first_17 = folded[:6] + "19" + folded[6:]
            folded = first_17 + id_check_digit(first_17)
        elif _CARD.fullmatch(folded):
            return _card_number(folded)
    if not (len(folded) == 18 and folded.isascii() and folded[:17].isdigit() and folded[17] in "0123456789X"):
        no_filler(raw)
        raise unfit("id-number-form")
    if (born := _day(folded[6:14])) is None:
        no_filler(raw)  # nothing but noughts
        raise unfit("id-number-birth")
    if born.year < 1850:
        raise unfit("id-number-too-old")
    if folded[17] != id_check_digit(folded[:17]):
        raise unfit("id-number-check")
    return folded


def _card_number(folded: str) -> str:
    if all(_day(century + folded[7:13]) is None for century in ("19", "20")):
        raise unfit("residence-card-birth")
    if folded[14] != card_check_digit(folded[:14]):
        raise unfit("id-number-check")
    return folded


def _day(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def earliest_birth(number: str) -> str:
    """Return the day of birth that a canonical number has, as YYYYMMDD; of two possible ones the earlier."""
    return f"19{number[7:13]}" if len(number) == 15 else number[6:14]


def area_of(number: str) -> str | None:
    """Return the area code in a canonical number, ``None`` for those of residence permits and cards."""
    return None if _WITHOUT_AREA.match(number) else number[:6]


def issued(number: str) -> bool:
    """Whether a canonical number begins as numbers do that some office gives out."""
    if len(number) == 15:
        return _CARD_OF_A_PROVINCE.match(number) is not None and number[:3] in _COUNTRIES
    return _ISSUED.match(number) is not None
