"""The campaign of 2021: in June it is opened, villages are told what to do, and report how far they are."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from services.simulator import months
from services.simulator.division import Village
from services.simulator.life.screening import CAMPAIGN as GONE_OVER
from services.simulator.offices.campaign import OPENED_ON, PHASES, Progress, Task
from services.simulator.street import Street

BEGINS = months.of(OPENED_ON)
ASSIGNED_ON = date(2021, 6, 18)
JOIN_LATER = 5
"""So many villages are drawn in only after the first quarter."""
EARLY = ("细化分解任务，明确落实举措和完成时限", "召开动员会，制定村(社区)工作清单", PHASES[0][2])
"""Title, measures, and a last day that was over when the plan was issued (R56)."""
TASKS = (
    ("policy", "对辖区所有低保户全面清查，建立清查台账", "入户核查，逐户登记", True),
    ("payments", "梳理2018年以来低保金发放台账", "与银行回盘逐笔核对", False),
    ("demands", "化解重复信访事项，解决“急难愁盼”问题", "分类处置，对账销号", False),
    ("conduct", "排查近亲属备案和经办服务作风问题", "逐一排查，及时纠正", False),
)
"""Class, title, measures, and whether its reports count households (R57)."""
LIMITS = (date(2021, 8, 31), date(2021, 9, 30), date(2021, 10, 31))
GROUP = "《关于成立城乡低保专项治理巩固提升行动工作领导小组的通知》"


def begin(street: Street, random: Random) -> None:
    """Once, where the run contains that June: the plan, the leading group, and the tasks of each village."""
    if street.month != BEGINS:
        return
    campaign = street.campaign
    campaign.open(
        "城乡低保专项治理巩固提升行动",
        "《城乡低保专项治理巩固提升行动实施方案》",
        "街道办事处",
        ["各村(社区)", "各部门"],
    )
    _form_group(street)
    villages = with_households(street)
    later = set(random.sample(villages, min(JOIN_LATER, len(villages) // 4)))
    tasks = []
    for village in villages:
        day = date(2021, 7, random.randint(5, 12)) if village in later else ASSIGNED_ON
        title, measures, due_on = EARLY
        tasks.append(campaign.assign(village, "policy", title, measures, day, due_on))
        for task_class, title, measures, counted in TASKS:
            due_on = LIMITS[-1] if counted else random.choice(LIMITS)
            tasks.append(campaign.assign(village, task_class, title, measures, day, due_on, counted=counted))
    random.shuffle(tasks)
    for story in campaign.task_stories:
        taken = next((task for task in tasks if story(task)), None)
        if taken is not None:
            tasks.remove(taken)
    campaign.task_stories.clear()
    for task in tasks:
        done_on = earliest(task) + timedelta(days=random.randint(0, (task.limit - earliest(task)).days))
        task.reports += [*interim(task, random, done_on), Progress(done_on, 100, done=True)]


def with_households(street: Street) -> list[Village]:
    """The villages in which somebody receives: the others have nothing to go over."""
    have = {household.division for household in street.active if household.spell.covers(street.month)}
    return [village for village in street.division.villages if village.code in have]


def earliest(task: Task) -> date:
    """The first day on which a task can be done: households are gone over until the end of September."""
    if task.counted:
        return months.last_day(months.parse(GONE_OVER[1])) + timedelta(days=5)
    return task.assigned_on + timedelta(days=3 if task.early else 30)


def interim(task: Task, random: Random, before: date) -> Iterator[Progress]:
    """What a village says of a task that takes long, on some day before another."""
    if not task.early:
        days = (before - task.assigned_on).days - 1
        yield Progress(task.assigned_on + timedelta(days=random.randint(10, days)), random.randint(3, 8) * 10)


def report(street: Street, _: Random) -> None:
    """The month's reports; what they count is what had been gone over when the month began."""
    due, checked = _gone_over(street)
    for task in street.campaign.tasks:
        for progress in task.reports:
            if months.of(progress.day) == street.month:
                code = task.village.code
                street.campaign.report(
                    task,
                    progress,
                    street.problems.count(code, OPENED_ON, progress.day),
                    due[code] if task.counted else None,
                    checked[code] if task.counted else None,
                )


def _gone_over(street: Street) -> tuple[Counter[str], Counter[str]]:
    """Households by village: who should be gone over (those that receive, but for newcomers), who was."""
    last = months.parse(GONE_OVER[1])
    due, checked = Counter[str](), Counter[str]()
    if street.campaign.tasks:
        for household in street.active:
            spell = household.spell
            if spell.covers(street.month) and spell.first <= last:
                due[household.division] += 1
                checked[household.division] += "gone over" in household.parts
    return due, checked


def _form_group(street: Street) -> None:
    """The leading group of Annex 1 (R7, R12, R13)."""
    roles = {
        ("街道办事处", "主任"): ("head",),
        ("街道办事处", "副主任"): ("deputy",),
        ("纪工委", "书记"): ("deputy",),
        ("社保所", "所长"): ("member", "office_head"),
        ("社保所", "经办人"): ("office_member",),
    }
    office = 0
    for official in list(street.officials.roster):
        if not official.in_office(OPENED_ON):
            continue
        usual = official.post == "书记" if official.village else official.post == "主任"
        for role in roles.get((official.body, official.post), ("member",) if usual else ()):
            office += role == "office_member"
            if role != "office_member" or office <= 4:
                street.officials.join_group(official, role, OPENED_ON, GROUP)
