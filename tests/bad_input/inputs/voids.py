"""Undoing what is not one's own, what cannot be undone, or without saying what."""

from services.intake.sentences import say
from tests.bad_input import sentences as says
from tests.bad_input.table import (
    EVENT_WAYS,
    KAFKA,
    NO_ROW,
    ROW_WAYS,
    Change,
    InputClass,
    Step,
    Steps,
    drop,
    event,
    except_by,
    given,
    put,
    row,
)

VOIDED, PAID = "payments.voided", "payments.paid"
VOID_OF_NONE = say("void-not-found").english
VOID_OF_SEVERAL = say("void-several").english
YES_NO = say("void-word").english
UNSAID = say("void-unsaid").english
UNDONE = "the type that is undone, one of the context payments, not a void"
OWN = "/office/500102, or below it: a void undoes the key's own facts"
_NO_EVENT = except_by("an event says so in fields: see the inputs beside", *EVENT_WAYS)
_own_id: Change = lambda fact: fact["data"].update(id=fact["id"])  # noqa: E731

VOIDS = InputClass(
    "voids",
    (
        given("a void of a void",
            event(VOIDED, put("data.type", "dibao.payments.voided.v1"), "data.type", UNDONE), not_by=NO_ROW),
        given("a void of a type that is none",
            event(VOIDED, put("data.type", "dibao.payments.borrowed.v1"), "data.type", UNDONE),
            not_by=NO_ROW),
        given("a void of another context's type",
            event(VOIDED, put("data.type", "dibao.vitals.died.v1"), "data.type", UNDONE), not_by=NO_ROW),
        given("a void of a day's closing",
            event(VOIDED, put("data.type", "dibao.calendar.day_closed.v1"), "data.type", UNDONE),
            not_by=NO_ROW),
        given("a void of another source's fact",
            event(VOIDED, put("data.source", "/bank/ccb"), "data.source", OWN, forbidden=True),
            not_by=except_by("a row undoes facts of the file's source", *ROW_WAYS)),
        given("a void of a source whose name only begins so",
            event(VOIDED, put("data.source", "/office/5001020"), "data.source", OWN, forbidden=True),
            not_by=except_by("a row undoes facts of the file's source", *ROW_WAYS)),
        given("a void under the id that it undoes",
            event(VOIDED, _own_id, "id", "an id of the void's own, not that of the fact that it undoes"),
            not_by=except_by("intake itself gives the void of a row its id", *ROW_WAYS)),
        given("a void of nothing", event(VOIDED, drop("data.id"), "data.id", says.REQUIRED),
            row(PAID, {"流水号": "", "作废": "是"}, "流水号", "", VOID_OF_SEVERAL)),
        given("a void of a number that nobody has handed over",
            row(PAID, {"流水号": "", "发放编号": "FF-none", "作废": "是"}, "流水号", "", VOID_OF_NONE),
            not_by=_NO_EVENT),
        given("a void of an empty id", event(VOIDED, put("data.id", ""), "data.id", "at least 1 characters"),
            not_by=NO_ROW),
        given("a line break in the id that is undone",
            event(VOIDED, put("data.id", "a\nb"), "data.id", says.CLEAN),
            row(PAID, {"流水号": "S1\nS2", "作废": "是"}, "流水号", "S***2", says.CLEAN)),
        given("a void without a reason", event(VOIDED, drop("data.reason"), "data.reason", says.REQUIRED),
            not_by=except_by("a row undoes without one too: 作废 is its reason then", *ROW_WAYS)),
        given("a void whose reason is blank",
            event(VOIDED, put("data.reason", " "), "data.reason", "a text is not blank"),
            not_by=except_by("an empty cell under 作废原因 says nothing", *ROW_WAYS)),
        given("a void with a reason of 4001 characters",
            event(VOIDED, put("data.reason", "错" * 4001), "data.reason", "at most 4000 characters"),
            row(PAID, {"作废": "是", "作废原因": "错" * 4001}, "作废原因", "错错****************错错",
                "at most 4000 characters")),
        given("a reason in the place of a yes",
            row(PAID, {"作废": "录入错误"}, "作废", "录**误", YES_NO), not_by=_NO_EVENT),
        given("a reason, and no yes",
            row(PAID, {"作废原因": "录入错误"}, "作废", "", UNSAID), not_by=_NO_EVENT),
        given("a reason, and a no",
            row(PAID, {"作废": "否", "作废原因": "录入错误"}, "作废", "否", UNSAID), not_by=_NO_EVENT),
        given("a day in the place of a yes",
            row(PAID, {"作废": "2021-06-28"}, "作废", "2********8", YES_NO), not_by=_NO_EVENT),
        given("perhaps", row(PAID, {"作废": "待核实"}, "作废", "待**", YES_NO), not_by=_NO_EVENT),
        given("a digest that is none",
            event(VOIDED, put("data.digest", "0123"), "data.digest", "a digest of 32 hex digits"),
            not_by=NO_ROW),
        given("a digest in capitals",
            event(VOIDED, put("data.digest", "AB" * 16), "data.digest", "a digest of 32 hex digits"),
            not_by=NO_ROW),
        given("a void that does not say whose household",
            event(VOIDED, drop("data.household_no"), "data.household_no", says.REQUIRED),
            row(PAID, {"户号": "", "作废": "是"}, "户号", "", says.REQUIRED)),
        given("a void that names an account that is none",
            event(VOIDED, put("data.account", {"number": "62", "holder_name": "金和义"}),
                "data.account.number", says.ACCOUNT),
            row(PAID, {"账号": "62", "作废": "是"}, "账号", "6*", says.ACCOUNT)),
        given("a void of a version that nobody knows, which may come yet",
            *(
                Steps(1,
                    (Step(way, () if way is KAFKA else ("accepted",), (put("data.digest", "0" * 32),)),),
                    "dibao.payments.voided.v1") for way in EVENT_WAYS), not_by=NO_ROW),
    ),
)  # fmt: skip
