"""Who is meant: ID numbers, names, accounts that cannot be anybody's, or stand where all can read them."""

from tests.bad_input import sentences as says
from tests.bad_input.table import (
    NO_ROW,
    InputClass,
    Statement,
    drop,
    event,
    given,
    put,
    row,
)

DIED = "vitals.died"
NUMBER = "data.person.id_number"


def _id(number: str, masked: str, expected: str) -> tuple[Statement, ...]:
    return (
        event(DIED, put(NUMBER, number), NUMBER, expected),
        row(DIED, {"身份证号": number}, "身份证号", masked, expected),
    )


IDENTITY = InputClass(
    "identity",
    (
        given("a check digit that is another",
            *_id("500102196011093455", "50**************55", says.ID_CHECK)),
        given("two digits changed round", *_id("500102196011094354", "50**************54", says.ID_CHECK)),
        given("born on 30 February", *_id("500102196002303454", "50**************54", says.ID_BORN)),
        given("born in month 13", *_id("500102196013093454", "50**************54", says.ID_BORN)),
        given("born in 1749",
            *_id("500102174911093454", "50**************54", "the ID number's date of birth is before 1850")),
        given("17 digits", *_id("50010219601109345", "50*************45", says.ID_NUMBER)),
        given("19 digits", *_id("5001021960110934544", "50***************44", says.ID_NUMBER)),
        given("the letter O for a nought", *_id("5001O2196011093454", "50**************54", says.ID_NUMBER)),
        given("an X that is not the last", *_id("50010219601109X454", "50**************54", says.ID_NUMBER)),
        given("15 digits that were born on day 32", *_id("500102601132345", "50***********45", says.ID_BORN)),
        given("an invisible mark that was copied with it",
            *_id("\u202d500102196011093454\u202c", "\u202d5****************4\u202c", says.ID_NUMBER)),
        given("an apostrophe before it", *_id("'500102196011093454", "'5***************54", says.ID_NUMBER)),
        given("Devanagari digits", *_id("५००१०२१९६०११०९३४५४", "५०**************५४", says.ID_NUMBER)),
        given("a word for it", *_id("不详", "不*", says.ID_NUMBER)),
        given("a number as ID number", event(DIED, put(NUMBER, 500102196011093454), NUMBER, says.TEXT),
            not_by=NO_ROW),
        given("neither ID number nor local number",
            event(DIED, drop(NUMBER), "data.person", says.ONE_IDENTITY),
            row(DIED, {"身份证号": ""}, "身份证号", "", says.ONE_IDENTITY)),
        given("both ID number and local number",
            event(DIED, put("data.person.local_no", "L17"), "data.person", says.ONE_IDENTITY),
            row(DIED, {"本地编号": "L17"}, "身份证号", "50**************54", says.ONE_IDENTITY)),
        given("no name", event(DIED, drop("data.person.name"), "data.person.name", says.REQUIRED),
            row(DIED, {"姓名": ""}, "姓名", "", says.REQUIRED)),
        given("a blank as name",
            event(DIED, put("data.person.name", "　"), "data.person.name", "a name is not blank"),
            row(DIED, {"姓名": "　"}, "姓名", "", says.REQUIRED)),
        given("a person as text", event(DIED, put("data.person", "曹礼贵"), "data.person", says.AN_OBJECT),
            not_by=NO_ROW),
        given("an account of two digits",
            event("payments.paid", put("data.account.number", "62"), "data.account.number", says.ACCOUNT),
            row("payments.paid", {"账号": "62"}, "账号", "6*", says.ACCOUNT)),
        given("an account of 35 digits",
            event("payments.paid", put("data.account.number", "6" * 35), "data.account.number",
                says.ACCOUNT),
            row("payments.paid", {"账号": "6" * 35}, "账号", "66****************66", says.ACCOUNT)),
        given("an account in words",
            event("payments.paid", put("data.account.number", "现金发放"), "data.account.number",
                says.ACCOUNT), row("payments.paid", {"账号": "现金发放"}, "账号", "现**放", says.ACCOUNT)),
        given("an account that a spreadsheet rounded",
            event("payments.paid", put("data.account.number", "6.217E+15"), "data.account.number",
                says.ACCOUNT),
            row("payments.paid", {"账号": "6.217E+15"}, "账号", "6*******5", says.ACCOUNT)),
        given("no account",
            event("payments.paid", put("data.account", None), "data.account", says.AN_OBJECT),
            row("payments.paid", {"账号": ""}, "账号", "", says.REQUIRED)),
        given("an ID number as household number",
            event("payments.paid", put("data.household_no", "500102196011093454"), "data.household_no",
                says.NO_ID_NUMBER),
            row("payments.paid", {"户号": "500102196011093454"}, "户号", "50**************54",
                says.NO_ID_NUMBER)),
        given("an ID number in full-width digits as bank",
            event("payments.paid", put("data.account.bank", "５００１０２１９６０１１０９３４５４"),
                "data.account.bank", says.NO_ID_NUMBER),
            row("payments.paid", {"开户行": "５００１０２１９６０１１０９３４５４"}, "开户行",
                "５０**************５４", says.NO_ID_NUMBER)),
        given("a death before the birth",
            event(DIED, put("data.died_on", "1960-11-08"), "data.died_on",
                "the day of birth in the ID number or later"),
            row(DIED, {"死亡日期": "1960-11-08"}, "死亡日期", "1********8",
                "the day of birth in the ID number or later")),
    ),
)  # fmt: skip
