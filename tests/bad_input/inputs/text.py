"""Text: what hides in it, what is not there, and what is too long."""

from tests.bad_input import sentences as says
from tests.bad_input.table import (
    ROW_WAYS,
    XLSX,
    InputClass,
    event,
    except_by,
    given,
    put,
    row,
)

PAID, FILED = "payments.paid", "petitions.filed"
HOLDER, HOUSEHOLD, BANK = "data.account.holder_name", "data.household_no", "data.account.bank"
_NOT_IN_XML = except_by("a workbook is XML, which has no such character", XLSX)
_CELLS = except_by("a blank within a cell has a sentence of its own", *ROW_WAYS)
_TRIMMED = except_by("cells are read without the blanks around them", *ROW_WAYS)

TEXT = InputClass(
    "text",
    (
        given("an escape sequence in a household's number",
            event(PAID, put(HOUSEHOLD, "LZ\x1b[2J817"), HOUSEHOLD, says.NUMBER),
            row(PAID, {"户号": "LZ\x1b[2J817"}, "户号", "L*******7", says.NUMBER), not_by=_NOT_IN_XML),
        given("a line break in a household's number",
            event(PAID, put(HOUSEHOLD, "LZ\n817"), HOUSEHOLD, says.NUMBER),
            row(PAID, {"户号": "LZ\n817"}, "户号", "L****7", says.NUMBER)),
        given("a tab in a payment's number",
            event(PAID, put("data.payment_no", "FF\t0005"), "data.payment_no", says.NUMBER),
            row(PAID, {"发放编号": "FF\t0005"}, "发放编号", "F*****5", says.NUMBER)),
        given("blanks around a household's number",
            event(PAID, put(HOUSEHOLD, " LZ000817"), HOUSEHOLD, says.NUMBER_BLANKS), not_by=_TRIMMED),
        given("a joiner at the end of a household's number",
            event(PAID, put(HOUSEHOLD, "LZ817\u200d"), HOUSEHOLD, says.NUMBER), not_by=_TRIMMED),
        *(given(f"U+{ord(unseen):04X} in a household's number",
            event(PAID, put(HOUSEHOLD, f"LZ{unseen}817"), HOUSEHOLD, says.NUMBER),
            row(PAID, {"户号": f"LZ{unseen}817"}, "户号", "L****7", says.NUMBER))
            for unseen in "\u200c\u200d\u00ad\u034f\u115f\u180e\u2800\u3164\ufe0f\uffa0\U000e0041"),
        given("a blank in a household's number",
            event(PAID, put(HOUSEHOLD, "LZ 817"), HOUSEHOLD, says.NUMBER_BLANKS), not_by=_CELLS),
        given("a wide blank in a payment's number",
            event(PAID, put("data.payment_no", "FF　0005"), "data.payment_no", says.NUMBER_BLANKS),
            not_by=_CELLS),
        *(given(f"{filler} for a household's number",
            event(PAID, put(HOUSEHOLD, filler), HOUSEHOLD, says.REQUIRED),
            row(PAID, {"户号": filler}, "户号", masked, says.REQUIRED))
            for filler, masked in (("nan", "n**"), ("NULL", "N**L"), ("/", "/"), ("无", "无"),
                ("不详", "不*"), ("——", "—*"), ("000", "0**"))),
        given("a name of nothing visible", event(PAID, put(HOLDER, "\ufe0f\u200d"), HOLDER,
            "a name is not blank"), not_by=_TRIMMED),
        given("text that runs backwards", event(PAID, put(BANK, "行银\u202e储邮"), BANK, says.WORD),
            row(PAID, {"开户行": "行银\u202e储邮"}, "开户行", "行***邮", says.WORD)),
        given("a blank without width in a name", event(PAID, put(HOLDER, "金\u200b和义"), HOLDER, says.NAME),
            row(PAID, {"户名": "金\u200b和义"}, "户名", "金**义", says.NAME)),
        given("a byte order mark in a name", event(PAID, put(HOLDER, "\ufeff金和义"), HOLDER, says.NAME),
            row(PAID, {"户名": "金和\ufeff义"}, "户名", "金**义", says.NAME)),
        given("a name of 129 characters",
            event(PAID, put(HOLDER, "金" * 129), HOLDER, "at most 128 characters"),
            row(PAID, {"户名": "金" * 129}, "户名", "金金****************金金", "at most 128 characters")),
        given("an empty name", event(PAID, put(HOLDER, ""), HOLDER, "at least 1 characters"),
            row(PAID, {"户名": ""}, "户名", "", says.REQUIRED)),
        given("a household's number of 65 characters",
            event(PAID, put(HOUSEHOLD, "L" * 65), HOUSEHOLD, "at most 64 characters"),
            row(PAID, {"户号": "L" * 65}, "户号", "LL****************LL", "at most 64 characters")),
        given("a bank that is blank", event(PAID, put(BANK, " "), BANK, "a word is not blank"),
            not_by=_TRIMMED),
        given("a bank that is a number", event(PAID, put(BANK, 95580), BANK, says.TEXT),
            not_by=except_by("what a cell shows is text", *ROW_WAYS)),
        given("a matter of 4001 characters",
            event(FILED, put("data.matter", "苦" * 4001), "data.matter", "at most 4000 characters"),
            row(FILED, {"事项": "苦" * 4001}, "事项", "苦苦****************苦苦", "at most 4000 characters")),
        given("a matter of nothing but line breaks",
            event(FILED, put("data.matter", "\n \n"), "data.matter", "a text is not blank"),
            row(FILED, {"事项": "\n \n"}, "事项", "", says.REQUIRED)),
        given("a NUL in a matter",
            event(FILED, put("data.matter", "反映\x00问题"), "data.matter", "a text has no NUL characters"),
            row(FILED, {"事项": "反映\x00问题"}, "事项", "反***题", "a text has no NUL characters"),
            not_by=_NOT_IN_XML),
        given("a number beyond Unicode's last in a name",
            event(PAID, put(HOLDER, "金\uffff"), HOLDER, says.NAME),
            row(PAID, {"户名": "金\uffff"}, "户名", "金*", says.NAME), not_by=_NOT_IN_XML),
    ),
)  # fmt: skip
