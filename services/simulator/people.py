"""Invented people and accounts: names, ID numbers and card numbers with valid check digits."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from services.simulator.division import STREETS_A_COUNTY, Division

# No two surnames of residents sound alike, and none sounds like an outsider's: so whether a holder's
# name is a weaker form of a member's is what the world decided, never an accident.
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓傅沈彭吕苏卢蒋蔡贾丁魏薛叶潘"
OUTSIDER_SURNAMES = "龚庞樊殷倪颜牛岳齐莫向涂欧聂焦柴瞿白史金"
GIVEN = "明华芳桂英平文贵兰凤龙军国云丽德仁义礼信和顺安康荣昌福寿春秋秀珍素琴琼光"
UNENCODABLE = ("䶮", "㛃", "𠮷")  # no GBK has them
RARE = ("䶮", "㛃", "𠮷", "喆", "堃", "犇")
PRIVATE_USE = {"䶮": "\ue863"}  # what GBK fonts wrote before Unicode had the character
MINORITY = (
    "吉木·阿呷", "沙马·拉且", "扎西·多吉", "阿依·古丽", "尔古·木呷", "央金·卓玛",
    "马海·伍果", "吉克·曲布", "次仁·旺堆", "热娜·帕夏", "罗布·次仁", "阿牛·史薇",
)  # fmt: skip
TRADITIONAL = dict(
    zip(
        "张刘陈杨赵黄吴孙马罗郑谢韩冯萧邓卢蒋贾丁叶华贵兰凤龙军国云丽礼义荣寿琼",
        "張劉陳楊趙黃吳孫馬羅鄭謝韓馮蕭鄧盧蔣賈丁葉華貴蘭鳳龍軍國雲麗禮義榮壽瓊",
        strict=True,
    )
)
TRADITIONAL = {simple: form for simple, form in TRADITIONAL.items() if simple != form}
HOMOPHONES = {"芳": "方", "明": "鸣", "平": "萍", "英": "瑛", "安": "桉", "珍": "真", "春": "椿"}
ABOLISHED = {"500102": ("512301", "512321")}  # area codes that older residents of 涪陵区 still have
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank: its letters, the source of its payment lines, and what its card numbers look like."""

    name: str
    source: str
    prefix: str
    length: int


BANKS = {
    "邮储银行": Bank("PSBC", "/bank/psbc/{county}", "621799", 19),
    "重庆农商行": Bank("CQRCB", "/bank/cqrcb/{county}", "622867", 16),
    "建设银行": Bank("CCB", "/bank/ccb/{county}", "621700", 18),
}
INSTITUTIONS = ("荔枝敬老院", "松鹤养老服务中心", "云台福利院")


@dataclass(slots=True, eq=False)
class Person:
    """Somebody of the street. ``died_on`` is what happened; ``death_recorded``: a live fact says so."""

    name: str
    id_number: str | None
    local_no: str | None
    born: date
    died_on: date | None = None
    death_recorded: bool = False

    @property
    def identity(self) -> dict[str, str]:
        """The contract's ``person``."""
        if self.id_number is not None:
            return {"name": self.name, "id_number": self.id_number}
        assert self.local_no is not None
        return {"name": self.name, "local_no": self.local_no}

    @property
    def key(self) -> str:
        """What labels call a person by."""
        return self.id_number or self.local_no or ""


@dataclass(frozen=True, slots=True)
class Account:
    """A bank account; ``written`` is the holder's name as the bank writes it."""

    number: str
    holder_name: str
    bank: str
    institution: bool = False
    fields: dict[str, object] = field(init=False, repr=False, compare=False)
    """The contract's ``account``; facts share it, nobody writes into it."""

    def __post_init__(self) -> None:
        fields: dict[str, object] = {
            "number": self.number, "holder_name": self.holder_name, "bank": self.bank
        }  # fmt: skip
        if self.institution:
            fields["institution"] = True
        object.__setattr__(self, "fields", fields)

    def written(self, holder_name: str) -> "Account":
        """The same account with the holder's name in another form."""
        return Account(self.number, holder_name, self.bank, self.institution)


def check_digit(first17: str) -> str:
    """The 18th character of an ID number (GB 11643, mod 11-2)."""
    return CHECK[sum(int(digit) * weight for digit, weight in zip(first17, WEIGHTS, strict=True)) % 11]


def luhn_digit(digits: str) -> str:
    """The last digit of a card number."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def traditional(name: str) -> str | None:
    """The name in traditional characters, or None where that is no other form."""
    form = "".join(TRADITIONAL.get(char, char) for char in name)
    return form if form != name else None


def homophone(name: str) -> str | None:
    """The name with one given character replaced by another of the same sound, or None."""
    for place in range(1, len(name)):
        if name[place] in HOMOPHONES:
            return name[:place] + HOMOPHONES[name[place]] + name[place + 1 :]
    return None


_SERIALS = 1000 // STREETS_A_COUNTY
"""Of the 999 serial numbers that a county has for a birthday, how many each of its streets uses."""


@dataclass
class Registry:
    """Gives out people and accounts, none of them twice, in this street or in any other.

    Streets do not know of one another: so each has serial numbers of its own in its county's ID numbers,
    and a branch number of its own in card numbers.
    """

    random: Random
    division: Division
    _ids: set[str] = field(default_factory=set)
    _numbers: set[str] = field(default_factory=set)
    _local: int = 0

    def __post_init__(self) -> None:
        county = self.division.county
        self._areas = (county, county, county, *ABOLISHED.get(county, ()))

    def name(self, surname: str | None = None, outsider: bool = False) -> str:
        """An invented name; now and then with a rare character."""
        random = self.random
        surname = surname or random.choice(OUTSIDER_SURNAMES if outsider else SURNAMES)
        given = random.choice(GIVEN)
        if random.random() < 0.75:
            given += random.choice(RARE) if random.random() < 0.03 else random.choice(GIVEN)
        return surname + given

    def rare_name(self, rare: str) -> str:
        """A name that ends in that character."""
        return self.random.choice(SURNAMES) + self.random.choice(GIVEN) + rare

    def minority_name(self) -> str:
        """A name with a dot between its parts."""
        return self.random.choice(MINORITY)

    def person(self, name: str, age: int, year: int, without_id: bool = False) -> Person:
        """A person of about that age in that year; ``without_id`` gives an upstream's own number instead."""
        random = self.random
        born = date(year - age, 1, 1) + timedelta(days=random.randrange(365))
        if without_id:
            self._local += 1
            return Person(name, None, f"{self.division.prefix}W{self._local:05d}", born)
        while True:
            serial = 1 + self.division.place + STREETS_A_COUNTY * random.randrange(_SERIALS)
            first17 = f"{random.choice(self._areas)}{born:%Y%m%d}{serial:03d}"
            if first17 not in self._ids:
                self._ids.add(first17)
                return Person(name, first17 + check_digit(first17), None, born)

    def account(self, holder_name: str, institution: bool = False) -> Account:
        """A new account in that name."""
        name = self.random.choices(tuple(BANKS), (50, 38, 12))[0]
        bank = BANKS[name]
        own = bank.length - len(bank.prefix) - 5
        while True:
            digits = f"{bank.prefix}{self.division.number:04d}{self.random.randrange(10**own):0{own}d}"
            if digits not in self._numbers:
                self._numbers.add(digits)
                return Account(digits + luhn_digit(digits), holder_name, name, institution)
