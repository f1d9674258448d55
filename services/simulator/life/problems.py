"""Problems of every year (R46): found, put right with something to show for it, and some looked at again."""

from datetime import timedelta
from random import Random

from services.simulator import months
from services.simulator.life.campaign import BEGINS, LIMITS
from services.simulator.life.chance import about
from services.simulator.offices.problems import Matter
from services.simulator.street import Street

A_YEAR_PER_1200 = 20
IN_THE_CAMPAIGN = 100
RECHECKED = 0.4
BODIES = ("社保所", "财政办", "纪工委", "区民政局")
DAYS_TO_RECTIFY = 60
ABOUT_HOUSEHOLDS = (
    ("distribution", "payments", "发放台账与银行回盘不一致", "corrected", "更正后的发放台账"),
    ("distribution", "payments", "发放账户与低保对象姓名不一致", "corrected", "账户变更确认书"),
    ("distribution", "payments", "家庭收入变化后未及时调整金额", "stopped", "停发审批表"),
    ("use", "payments", "卡折由他人代管，委托代管手续不全", "corrected", "补签的代管协议"),
    ("none", "policy", "家庭成员信息未及时更新", "corrected", "重新核对的家庭信息表"),
    ("none", "policy", "符合单人保条件的家庭成员未享受政策", "enrolled", "审核确认表"),
)
"""Stage, class, description, measure, evidence."""
ABOUT_OFFICES = (
    ("raising", "payments", "本级配套资金到位较晚", "corrected", "资金到账凭证"),
    ("allocation", "payments", "资金分配方案未附人数测算", "corrected", "补充的测算表"),
    ("appropriation", "payments", "资金拨付超过规定时限", "corrected", "拨付凭证"),
    ("none", "demands", "群众诉求答复不及时", "other", "答复意见书"),
    ("none", "conduct", "政策解释不到位，态度生硬", "disciplined", "谈话提醒记录"),
)


def matter(street: Street, random: Random) -> Matter:
    """Something about a household that receives, or about an office or an official."""
    receiving = [household for household in street.active if household.spell.covers(street.month)]
    if receiving and random.random() < 0.6:
        household = random.choice(receiving)
        amount = household.spell.entitlement(street.month)
        row = random.choice(ABOUT_HOUSEHOLDS)
        return Matter(*row, household.division, household.no, amount=amount if row[1] == "payments" else None)
    row = random.choice(ABOUT_OFFICES)
    village = random.choice(street.division.villages)
    if row[1] != "conduct":
        return Matter(*row, village.code)
    official = street.officials.one(random, street.day(1), "village_committee", village=village.code)
    return Matter(*row, village.code, official_no=official.no)


def find_and_rectify(street: Street, random: Random) -> None:
    """The month's problems, and what will become of them."""
    campaign = BEGINS <= street.month <= months.of(LIMITS[-1])
    a_year = IN_THE_CAMPAIGN if campaign else A_YEAR_PER_1200
    for _ in range(about(random, street.size * a_year / 1200 / 12)):
        what, day = matter(street, random), street.day(random.randint(2, 27))
        due_on = day + timedelta(days=DAYS_TO_RECTIFY)
        found = street.problems.find(what, day, random.choice(BODIES), due_on)
        number = found["data"]["problem_no"]
        rectified_on = day + timedelta(days=random.randint(12, DAYS_TO_RECTIFY - 2))
        signers = street.officials.two(random, street.day(1), "handling_staff", "township_staff")
        street.problems.rectify(number, what, rectified_on, *signers)
        if random.random() < RECHECKED:
            rechecked_on = rectified_on + timedelta(days=random.randint(20, 60))
            recheckers = street.officials.two(random, street.day(1), "leader", "discipline")
            street.problems.recheck(number, rechecked_on, recheckers, "holds", drawn=random.random() < 0.7)
