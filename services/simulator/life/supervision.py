"""Supervision in the campaign: meetings, visits, talks and circulars; lessons, and projects for people."""

from datetime import date, timedelta
from random import Random

from services.simulator import months
from services.simulator.division import Village
from services.simulator.facts import Event
from services.simulator.life.campaign import BEGINS, with_households
from services.simulator.offices.campaign import OPENED_ON
from services.simulator.offices.officials import Official
from services.simulator.street import Street

SUPERVISED = ("2021-08", "2021-10")
"""The third phase (R58)."""
VISITED, RESEARCHED, CALLED_IN = 4, 3, 2
"""Villages a month."""
ON_THE_SPOT_DAYS = 15
MEETINGS = {
    "leading_group": (("领导小组办公室", "财政办", "社会事务办", "纪工委"), "通报进展，部署下一步工作"),
    "exchange": (("社保所", "信访办"), "通报社会救助领域信访事项"),
    "consultation": (("社保所", "信访办", "社会事务办"), "会商研判重复信访事项"),
    "joint_supervision": (("社保所", "信访办", "纪工委"), "联合督办未办结信访事项"),
}
LESSONS = {
    "2021-06": ("低保金发放台账填报", 4),
    "2021-07": ("卡折委托代管备案", 3),
    "2021-09": ("《最低生活保障审核确认办法》", 6),
    "2021-11": ("社会救助服务热线接听规范", 2),
}
PROJECTS = ("重残人员单人保上门办理", "独居老人存折代取服务", "残疾人家庭临时救助直达", "低保金到账短信提醒")


def supervise(street: Street, random: Random) -> None:
    """What there is of it this month."""
    if BEGINS <= street.month <= months.parse("2021-12"):
        _meet(street, random)
        _visit(street, random)
        _circulate(street, random)
        _teach(street, random)
        _carry_on(street, random)


def _day(street: Street, random: Random, last: int = 25) -> date:
    """A day of the month, after the plan was issued."""
    first = OPENED_ON.day + 2 if street.month == BEGINS else 2
    return street.day(random.randint(first, last))


def _meet(street: Street, random: Random) -> None:
    kinds = ["leading_group", "exchange"]
    if street.month >= months.parse("2021-08"):
        kinds += ["consultation", "joint_supervision"]
    for kind in kinds:
        day = _day(street, random)
        bodies, minutes = MEETINGS[kind]
        about = [] if kind == "leading_group" else _petitions(street, random, day, 6)
        street.supervision.meet(kind, day, bodies, about, minutes)


def _petitions(street: Street, random: Random, day: date, most: int) -> list[str]:
    """Some that were filed in the months before; those of the last days may still prove to be an error."""
    known = [
        petition.number
        for petition in street.petitions.recent
        if petition.number in street.petitions.book
        and day - timedelta(days=120) <= petition.filed_on <= day - timedelta(days=15)
    ]
    return sorted(random.sample(known, min(most, len(known))))


def _visit(street: Street, random: Random) -> None:
    villages = with_households(street)
    if not villages:
        return
    if street.month == months.parse("2021-07"):
        for village in _most_petitions(street, villages)[:RESEARCHED]:
            _see(street, random, "research", f"{village.name}信访较多，已专题调研")
    first, last = map(months.parse, SUPERVISED)
    if not first <= street.month <= last:
        return
    slow = _slowest(street, villages)
    for village in slow[:VISITED]:
        _see(street, random, "supervision", f"{village.name}任务进度偏慢，要求倒排工期")
    for village in slow[:CALLED_IN]:
        day = _day(street, random)
        due_on = day + timedelta(days=ON_THE_SPOT_DAYS)
        _see(street, random, "on_the_spot", f"{village.name}当场交办，限期整改", due_on, day)
        if street.month > first:
            secretary = street.officials.one(random, day, "village_committee", village=village.code)
            talked_on = day + timedelta(days=random.randint(1, 3))
            reason = f"{village.name}专项行动进展缓慢"
            street.supervision.talk(secretary, talked_on, _leaders(street, random), reason, due_on)
    _see(street, random, "direct_handling", "直查直办群众反映强烈的问题")
    recheck = _see(street, random, "recheck", "回访已整改问题")
    if street.month == last:
        twice = _see(
            street, random, "recheck", "回访已整改问题", day=date.fromisoformat(recheck["data"]["visited_on"])
        )
        street.supervision.void(twice, street.day(28), "督导记录重复登记")


def _see(
    street: Street,
    random: Random,
    kind: str,
    findings: str,
    due_on: date | None = None,
    day: date | None = None,
) -> Event:
    day = day or _day(street, random)
    return street.supervision.visit(kind, day, _leaders(street, random), findings, due_on)


def _leaders(street: Street, random: Random) -> tuple[Official, Official]:
    return street.officials.two(random, street.day(1), "leader", "discipline")


def _most_petitions(street: Street, villages: list[Village]) -> list[Village]:
    """Villages by their petitions of the last half year (R41)."""
    since = months.day(street.month - 6, 1)
    counts = dict.fromkeys((village.code for village in villages), 0)
    for petition in street.petitions.book.values():
        if petition.division in counts and since <= petition.filed_on < street.day(1):
            counts[petition.division] += 1
    return sorted(villages, key=lambda village: (-counts[village.code], village.code))


def _slowest(street: Street, villages: list[Village]) -> list[Village]:
    """Villages by how far their tasks are when the month begins."""
    day = street.day(1)

    def percent(village: Village) -> float:
        tasks = [t.percent(day) for t in street.campaign.tasks if t.village == village]
        return sum(tasks) / max(1, len(tasks))

    return sorted(villages, key=lambda village: (percent(village), village.code))


def _circulate(street: Street, random: Random) -> None:
    tell, text = street.supervision.circulate, months.text(street.month)
    everywhere = [village.code for village in street.division.villages]
    if street.month == BEGINS:
        tell(
            "report_channel",
            _day(street, random),
            "村(社区)公示栏",
            "举报电话和信箱",
            everywhere,
            redacted=False,
        )
    elif text in ("2021-08", "2021-10"):
        slow = [village.code for village in _slowest(street, with_households(street))[:VISITED]]
        tell("circular", _day(street, random), "文件", "进展缓慢的村(社区)名单", slow, document="情况通报")
    elif text in ("2021-09", "2021-11"):
        one = random.choice(everywhere)
        tell("exposure", _day(street, random), "政务公开栏", "代管存折未备案问题", [one])
        other = random.choice(everywhere)
        tell(
            "good_example",
            _day(street, random),
            "微信公众号",
            "网格员上门为行动不便群众办理救助",
            [other],
            redacted=False,
            consented=True,
        )
    elif text == "2021-12":
        tell("summary", street.day(15), "文件", "专项行动工作情况通报", everywhere, document="工作总结")


def _teach(street: Street, random: Random) -> None:
    if months.text(street.month) in LESSONS:
        subject, hours = LESSONS[months.text(street.month)]
        day = _day(street, random)
        able = street.officials.able(day, "village_committee", "handling_staff")
        street.campaign.train(subject, day, random.sample(able, len(able) * 2 // 3), hours)


def _carry_on(street: Street, random: Random) -> None:
    campaign = street.campaign
    if street.month == months.parse("2021-07"):
        for title in PROJECTS:
            day = _day(street, random)
            owner = street.officials.one(random, day, "leader", "township_staff")
            steps = [("摸清底数", date(2021, 8, 31)), ("集中办理", date(2021, random.choice((10, 11)), 30))]
            campaign.begin_project(title, owner, day, steps, _petitions(street, random, day, 3))
    elif street.month > months.parse("2021-07"):
        for number, due_on in campaign.projects.items():
            left = months.of(due_on) - street.month
            if left >= 0:
                percent = 100 if left == 0 else 100 - 25 * left
                campaign.report_project(number, _day(street, random), percent)
