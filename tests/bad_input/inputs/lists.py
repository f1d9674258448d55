"""Lists and their members: none, too many, the same twice, the wrong kind."""

from tests.bad_input import sentences as says
from tests.bad_input.table import (
    EVENT_WAYS,
    NO_ROW,
    InputClass,
    drop,
    event,
    except_by,
    given,
    put,
    row,
)

ENROLLED, CHANGED, EXITED = "enrollment.enrolled", "enrollment.members_changed", "enrollment.exited"
TWICE = "the same person stands there twice"
PERSON = {"name": "金和义", "id_number": "500102195203141276"}
MEMBER = {"person": PERSON, "relation": "本人"}
_MANY = [
    {"person": {"name": f"成员{number}", "local_no": f"L{number}"}, "relation": "子"} for number in range(51)
]

LISTS = InputClass(
    "lists",
    (
        given("nobody", event(ENROLLED, put("data.members", []), "data.members", "at least 1 items"),
            not_by=NO_ROW),
        given("no list", event(ENROLLED, drop("data.members"), "data.members", says.REQUIRED),
            row(ENROLLED, {"姓名": "", "身份证号": "", "与户主关系": "", "个人金额": ""}, "姓名", "",
                says.REQUIRED, also=((0, "与户主关系", "", says.REQUIRED),))),
        given("an object for a list",
            event(ENROLLED, put("data.members", MEMBER), "data.members", says.A_LIST), not_by=NO_ROW),
        given("51 members", event(ENROLLED, put("data.members", _MANY), "data.members", "at most 50 items"),
            not_by=NO_ROW),
        given("a member who is a text",
            event(ENROLLED, put("data.members.1", "安素芬"), "data.members.1", says.AN_OBJECT),
            not_by=NO_ROW),
        given("a member without relation",
            event(ENROLLED, drop("data.members.1.relation"), "data.members.1.relation", says.REQUIRED),
            row(ENROLLED, [{}, {"姓名": "安素芬", "身份证号": "500102195507222446", "与户主关系": ""}],
                "与户主关系", "", says.REQUIRED, at=1)),
        given("the same member twice",
            event(ENROLLED, put("data.members", [MEMBER, MEMBER]), "data.members", TWICE),
            row(ENROLLED, [{}, {}], "身份证号", "50**************76", TWICE)),
        given("a second member whose ID number is none",
            event(ENROLLED, put("data.members.1.person.id_number", "500102195507222447"),
                "data.members.1.person.id_number", says.ID_CHECK),
            row(ENROLLED, [{}, {"姓名": "安素芬", "身份证号": "500102195507222447"}], "身份证号",
                "50**************47", says.ID_CHECK, at=1)),
        given("rows of one household that contradict each other",
            row(ENROLLED, [{}, {"姓名": "安素芬", "身份证号": "500102195507222446", "核定金额": "464.00"}],
                "核定金额", "4****0", "the same as in row {first}", at=1),
            not_by=except_by("an event says it once", *EVENT_WAYS)),
        given("a change of nobody",
            event(CHANGED, lambda fact: fact["data"].update(added=[], removed=[]), "data",
                "somebody in added or removed"), not_by=NO_ROW),
        given("somebody who comes and goes",
            event(CHANGED,
                lambda fact: fact[
                    "data"].update(removed=[
                        {"person": fact["data"]["added"][0]["person"], "reason": "迁出"}]), "data",
                f"added and removed: {TWICE}"),
            row(CHANGED, [{}, {"变更类型": "减少", "变更原因": "迁出"}], says.WHOLE_ROW, "",
                f"added and removed: {TWICE}")),
        given("a household's exit with members",
            event(EXITED, put("data.scope", "household"), "data.members",
                "not with scope household, where all leave"),
            row(EXITED, {"退出范围": "整户"}, "身份证号", "50**************46",
                "not with scope household, where all leave")),
        given("a member's exit without members",
            event(EXITED, drop("data.members"), "data.members", "the persons who leave, as scope is member"),
            row(EXITED, {"姓名": "", "身份证号": ""}, "身份证号", "",
                "the persons who leave, as scope is member")),
        given("a change that says neither coming nor going",
            row(CHANGED, {"变更类型": ""}, "变更类型", "", says.REQUIRED),
            not_by=except_by("an event has a list for each", *EVENT_WAYS)),
    ),
)  # fmt: skip
