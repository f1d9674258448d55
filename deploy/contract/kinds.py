"""The kinds of values that fields take, as data: what they are called on the pages, and what they accept."""

from dataclasses import dataclass
from typing import Any

from events import form, values, voids


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value: ``unit`` where it counts something; ``accepts`` says what intake takes and keeps."""

    hint: Any
    name: str
    unit: str
    accepts: str
    example: str


KINDS: tuple[Kind, ...] = (
    Kind(
        values.Number,
        "number",
        "",
        "A business number of the upstream's own, 1 to 64 letters, digits and signs that can be seen, and no "
        "blanks; full-width forms are kept as ASCII. What each type calls unique is unique in a deployment: "
        "put a prefix of your own before it. A number never holds a name or an ID number.",
        "LZ000817",
    ),
    Kind(
        values.Division,
        "division",
        "",
        "A village's 12-digit division code (统计用区划代码); full-width digits are kept as ASCII.",
        "500102008202",
    ),
    Kind(values.Month, "month", "", "A calendar month.", "2021-06"),
    Kind(values.Quarter, "quarter", "", "A quarter of a year.", "2021-Q3"),
    Kind(values.Year, "year", "", "A calendar year, 1949 to 2099.", "2021"),
    Kind(
        values.Day,
        "day",
        "",
        "A calendar day of Asia/Shanghai that has come; tomorrow at the latest, as clocks differ.",
        "2021-06-28",
    ),
    Kind(
        values.DayAhead,
        "day, ahead too",
        "",
        "A calendar day of Asia/Shanghai that may lie ahead: a term, a deadline.",
        "2022-12-31",
    ),
    Kind(
        values.Instant,
        "instant",
        "",
        "A point in time with its zone, which has come; kept in UTC.",
        "2021-06-28T09:30:00+08:00",
    ),
    Kind(
        values.InstantAhead,
        "instant, ahead too",
        "",
        "A point in time with its zone, which may lie ahead: a turn of duty.",
        "2021-06-28T09:30:00+08:00",
    ),
    Kind(values.Fen, "amount", "分", "A positive whole number of 分 (1/100 yuan). In files: 元.", "46300"),
    Kind(values.FenOrNone, "amount or 0", "分", "A whole number of 分 that may be 0. In files: 元.", "0"),
    Kind(
        values.FenChange,
        "change",
        "分",
        "A whole number of 分, less than 0 where something fell. In files: 元.",
        "-12000",
    ),
    Kind(values.Count, "count", "", "How many: a whole number from 0 on.", "31"),
    Kind(
        values.Percent, "percent", "%", "A whole number from 0 to 100: percent, or points out of 100.", "85"
    ),
    Kind(
        values.Label,
        "word",
        "",
        "A short public text, 1 to 128 characters: a bank, an office, a document's number. **It stays "
        "readable on the log: never write about a person in it.**",
        "荔枝街道社保所",
    ),
    Kind(
        values.FreeText,
        "text",
        "",
        "What somebody wrote, 1 to 4,000 characters. It may name persons, and is sealed on the log.",
        "成员去世后多发两个月",
    ),
    Kind(
        form.Person,
        "person",
        "",
        "`name`, and `id_number` or, where that is unknown, `local_no` (not both). Sealed on the log, with a "
        "pseudonym in its place. `id_number`: 18 characters with date of birth and check digit (GB 11643), "
        "or 15 digits; so are those of residents from Hong Kong, Macao and Taiwan (81, 82, 83) and of "
        "foreigners with permanent residence (9…; before 2023 3 letters and 12 digits). Blanks around it, "
        "single blanks between its parts, full-width digits and a small x are put right. An unknown area "
        "code is only warned of: abolished codes hold for life. `name`: 1 to 128 characters, as the office "
        "writes it; the log has match keys of it, from exact to same sound.",
        '{"name": "金和义", "id_number": "…"}',
    ),
    Kind(
        form.Account,
        "account",
        "",
        "`number`, `holder_name`, and where known `bank`; `institution` (false, if left out) says that it is "
        "an institution's collective account (集体账户). Number and holder are sealed on the log, with a "
        "pseudonym in their place; `bank` and `institution` stay readable.",
        '{"number": "6217…", "holder_name": "金和义"}',
    ),
    Kind(
        values.AccountNumber,
        "account number",
        "",
        "4 to 34 digits or Latin letters, as one or in groups of four with single blanks or hyphens between "
        "them, which are taken out as single hyphens are anywhere; any other blank in it is refused. Sealed "
        "on the log.",
        "6217000000007922",
    ),
    Kind(
        values.CreditCode,
        "credit code",
        "",
        "An organisation's unified social credit code (统一社会信用代码, GB 32100), 18 characters with its "
        "check digit; blanks around it, single blanks and hyphens between its parts are taken out.",
        "54500102MEA000001E",
    ),
    Kind(
        values.AnomalyId,
        "anomaly",
        "",
        "The `anomaly_id` of something that detection found: a UUID, 36 characters; capitals and full-width "
        "forms are put right. It need not be known yet.",
        "030b93df-37e9-5ad1-b889-923d7e68fe23",
    ),
    Kind(
        voids.Digest,
        "digest",
        "",
        "A content digest: 32 hex digits, as the answer to a conflict names it.",
        "",
    ),
    Kind(bool, "yes or no", "", "`true` or `false`.", "true"),
    Kind(int, "whole number", "", "A whole number.", "1"),
)

CHARACTERS: tuple[tuple[str, str, str, str], ...] = (
    (
        "Full-width forms, U+FF01 to U+FF5E (ＬＺ－１)",
        "kept as ASCII (LZ-1); in ids and sources kept",
        "kept",
        "kept",
    ),
    ("Blanks (Zs), the ideographic one too", "refused; in ids and sources around them only", "kept", "kept"),
    ("Line breaks, tabs and other controls (Cc), U+2028, U+2029", "refused", "refused", "kept, but NUL"),
    (
        "What shows nothing: marks of direction, blanks without width, byte order marks, soft hyphens, tags, "
        "Hangul fillers, the empty Braille cell, halves of characters (Cs), U+FFFC, U+FFFD, no characters",
        "refused",
        "refused",
        "kept",
    ),
    (
        "What chooses a glyph: variation selectors, joiners (U+200C, U+200D), Mongolian separators",
        "refused",
        "kept; not seen by match keys",
        "kept",
    ),
    (
        "Combining marks (M), private use (Co), what Unicode does not know (Cn), other formats (Cf)",
        "refused",
        "kept",
        "kept",
    ),
    ("Nothing that can be seen", "refused", "refused", "refused"),
)
"""What becomes of which characters, for the page of values. ``events/characters.py`` does it."""
