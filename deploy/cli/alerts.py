"""``dibao alert``: who is told of what, what they would have been told, what became of it; snoozes."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar
from uuid import UUID, uuid4

import asyncpg
import typer

from deploy.cli.asked import MOST, day
from deploy.cli.database import ask_database
from deploy.cli.openings import who
from deploy.cli.output import Format, FormatOption, console, fail, show
from deploy.deployment import current
from events.values import SHANGHAI
from projections import labels
from services.alerting import notices, snoozes, subscriptions
from services.alerting.announced import announced_since
from services.alerting.notice import day_of, notice_of
from services.alerting.rehearsal import Rehearsed, rehearse
from services.alerting.subscription import Bounds, Subscription, Wanted
from services.alerting.subscriptions import SubscriptionError
from services.alerting.words import Rules, read_rules
from services.platform import balance as balancing
from services.platform.database import Asked
from services.platform.keys import Keys

Result = TypeVar("Result")

app = typer.Typer(
    help="Tell people what is found: webhooks, e-mail, digests, snoozes.",
    no_args_is_help=True,
)

_TEST_SECONDS = 20.0
_MOST_AN_HOUR = Bounds().most


class Way(StrEnum):
    """How somebody is told."""

    webhook = "webhook"
    email = "email"
    digest = "digest"


def register(root: typer.Typer) -> None:
    """Hang this group into the root."""
    root.add_typer(app, name="alert")


NameArgument = Annotated[str, typer.Argument(help="The subscription's name, as `dibao alert list` shows it.")]
ChannelOption = Annotated[Way, typer.Option(help="A message a notice, or a digest a village and day.")]
RuleOption = Annotated[list[str] | None, typer.Option("--rule", help="Only this rule; may be repeated.")]
SeverityOption = Annotated[
    list[str] | None,
    typer.Option("--severity", help=f"Only this one of {', '.join(labels.SEVERITIES)}; may be repeated."),
]
VerbOption = Annotated[
    list[str] | None,
    typer.Option("--verb", help=f"Only this one of {', '.join(labels.VERBS)}; may be repeated."),
]
ProgrammeOption = Annotated[
    list[str] | None,
    typer.Option("--programme", help=f"Only this one of {', '.join(labels.PROGRAMMES)}; may be repeated."),
]
AreaOption = Annotated[str, typer.Option(help="Only this village, street or district: its division code.")]
MostOption = Annotated[int, typer.Option(min=1, help="Notices an hour; what goes beyond is one digest.")]


def _asked(ask: Callable[[asyncpg.Pool], Awaitable[Result]]) -> Result:
    try:
        return ask_database(ask)
    except SubscriptionError as error:
        raise fail(f"{error}.", 2) from None


def _wanted(
    rule: Collection[str] | None,
    severity: Collection[str] | None,
    verb: Collection[str] | None,
    programme: Collection[str] | None,
    area: str,
) -> Wanted:
    return Wanted(
        rules=frozenset(rule or ()),
        severities=frozenset(severity or ()),
        verbs=frozenset(verb or ()),
        programmes=frozenset(programme or ()),
        area=area,
    )


async def _known(connection: Asked) -> Mapping[str, list[str]]:
    rules = await connection.fetch("SELECT DISTINCT name FROM platform.rule")
    return {
        "rules": [row["name"] for row in rules],
        "severities": list(labels.SEVERITIES),
        "verbs": list(labels.VERBS),
        "programmes": list(labels.PROGRAMMES),
    }


@app.command("subscribe")
def subscribe(
    name: Annotated[str, typer.Argument(help="What the subscription is called, such as 荔枝街道.")],
    channel: ChannelOption,
    target: Annotated[str, typer.Option(help="An https:// address, or one e-mail address; kept sealed.")],
    rule: RuleOption = None,
    severity: SeverityOption = None,
    verb: VerbOption = None,
    programme: ProgrammeOption = None,
    area: AreaOption = "",
    most: MostOption = _MOST_AN_HOUR,
    secret_file: Annotated[
        Path | None, typer.Option(help="A file with the secret (whsec_…) that signs; else one is made.")
    ] = None,
) -> None:
    """Tell somebody of what is found from now on. Of a webhook the secret is printed, once."""
    wanted = _wanted(rule, severity, verb, programme, area)
    secret = None
    if channel is Way.webhook:
        given = secret_file.read_text(encoding="ascii").strip() if secret_file is not None else None
        secret = given or subscriptions.new_secret()
    elif secret_file is not None:
        raise fail("Only webhooks are signed: leave --secret-file out.", 2)

    async def work(pool: asyncpg.Pool) -> None:
        subscriptions.check(name, channel.value, target, wanted, await _known(pool))
        await subscriptions.subscribe(
            pool,
            Keys.from_settings(current().settings),
            current().settings.ciphers,
            name=name,
            channel=channel.value,
            target=target,
            secret=secret,
            wanted=wanted,
            bounds=Bounds(most=most),
            by=who(),
        )

    _asked(work)
    console.print(f"{name} is told of what is found from now on; try it with `dibao alert test {name}`.")
    if secret is not None and secret_file is None:
        console.print("The secret that its messages are signed with (shown this once, kept sealed):")
        typer.echo(secret)


@app.command("unsubscribe")
def unsubscribe(name: NameArgument) -> None:
    """End a subscription and destroy where it led; what was told stays on record."""
    _asked(lambda pool: subscriptions.unsubscribe(pool, name))
    console.print(f"{name} is told nothing any more.")


@app.command("list")
def listing(form: FormatOption = Format.table) -> None:
    """List the subscriptions, and how their notices stand."""
    show(
        _asked(subscriptions.listed),
        form,
        columns=[
            ("name", "订阅"),
            ("channel", "方式"),
            ("shown", "送达"),
            ("rules", "规则"),
            ("severities", "级别"),
            ("area", "地区"),
            ("verbs", "变化"),
            ("programmes", "项目"),
            ("most", "每小时至多"),
            ("delivered", "已送达"),
            ("due", "待送达"),
            ("parked", "已搁置"),
        ],
        title="预警订阅",
        numbers=("most", "delivered", "due", "parked"),
    )


@app.command("balance")
def balance(
    days: Annotated[int, typer.Option(min=1, help="Of so many days, today included.")] = 7,
    form: FormatOption = Format.table,
) -> None:
    """Show, a day and subscription, how many findings were announced and what became of each of them.

    Ends with code 1 where one is lost.
    """
    since = day_of(datetime.now(UTC)) - timedelta(days=days - 1)
    rows = _asked(lambda pool: balancing.balance(pool, since))
    show(
        rows,
        form,
        columns=balancing.COLUMNS,
        title="预警与通知对账",
        numbers=[name for name, _ in balancing.COLUMNS[2:]],
    )
    if any(row["lost"] for row in rows):
        raise typer.Exit(1)


@app.command("preview")
def preview(
    channel: ChannelOption = Way.webhook,
    rule: RuleOption = None,
    severity: SeverityOption = None,
    verb: VerbOption = None,
    programme: ProgrammeOption = None,
    area: AreaOption = "",
    most: MostOption = _MOST_AN_HOUR,
    days: Annotated[int, typer.Option(min=1, help="Of so many days.")] = 31,
    samples: Annotated[int, typer.Option(min=0, help="How many notices are shown whole.")] = 5,
    form: FormatOption = Format.table,
) -> None:
    """Show what a subscription would have told last month: how many notices a day, and some of them."""
    wanted = _wanted(rule, severity, verb, programme, area)
    now = datetime.now(UTC)

    async def work(pool: asyncpg.Pool) -> tuple[list[Rehearsed], Rules]:
        target = "https://example.cn/" if channel is Way.webhook else "a@example.cn"
        subscriptions.check("preview", channel.value, target, wanted, await _known(pool))
        announced = await announced_since(pool, now - timedelta(days=days))
        rehearsed = Subscription(
            number=-1, id=uuid4(), channel=channel.value, wanted=wanted, bounds=Bounds(most=most)
        )
        async with pool.acquire() as connection:
            return rehearse(rehearsed, announced, now), await read_rules(connection)

    told, rules = _asked(work)
    by_day: dict[Any, dict[str, Any]] = {}
    for one in told:
        row = by_day.setdefault(day_of(one.at), {"notices": 0, "digests": 0, "findings": 0})
        row["digests" if one.about is None else "notices"] += 1
        row["findings"] += len(one.announcements)
    rows = [{"day": at, **row} for at, row in sorted(by_day.items())]
    columns = [("day", "日期"), ("notices", "通知数"), ("digests", "汇总数"), ("findings", "预警变化")]
    title = f"过去{days}天本会发出的通知"
    show(rows, form, columns=columns, title=title, numbers=("notices", "digests", "findings"))
    if form is not Format.table:
        return
    for one in [one for one in told if one.about is not None][:samples]:
        content = notice_of(str(one.about), one.announcements, rules, "")
        console.print(f"· {content['title']}", markup=False, soft_wrap=True)
        for found in content["findings"]:
            console.print(f"  {found['sentence']}", markup=False, soft_wrap=True)


@app.command("test")
def test(name: NameArgument) -> None:
    """Send a test message to a subscription, and say what came of it. Ends with code 1 if nobody took it."""

    async def work(pool: asyncpg.Pool) -> list[dict[str, Any]]:
        number = await subscriptions.number_of(pool, name)
        asked = await notices.ask_for_test(pool, number, name)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + _TEST_SECONDS
        while loop.time() < deadline:
            if found := await notices.attempts(pool, asked):
                return found
            await asyncio.sleep(0.1)
        return []

    found = _asked(work)
    if not found:
        raise fail(
            f"Nothing was sent within {_TEST_SECONDS:.0f} s: does alerting run (`dibao status`), and do "
            f"earlier notices wait (`dibao alert notices {name}`)?"
        )
    said = found[-1]
    answer = " ".join(str(part) for part in (said["status"], said["error"]) if part is not None)
    if said["outcome"] != "delivered":
        raise fail(f"{name} was not reached: {answer}. It is tried again.")
    console.print(f"{name} took the test message after {said['seconds'] * 1000:.0f} ms ({answer}).")


@app.command("notices")
def told(
    name: NameArgument,
    state: Annotated[str | None, typer.Option(help="Only those that are due, delivered or parked.")] = None,
    attempts_of: Annotated[
        int | None, typer.Option("--attempts", help="Show every attempt for the notice of this place.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=MOST)] = 50,
    form: FormatOption = Format.table,
) -> None:
    """List what a subscription was told, the newest first, and what the last attempt ended in."""
    if attempts_of is not None:
        place_of = attempts_of
        show(
            _asked(lambda pool: notices.attempts(pool, place_of)),
            form,
            columns=[
                ("number", "次"),
                ("at", "时间"),
                ("seconds", "用时(秒)"),
                ("outcome", "结果"),
                ("status", "状态码"),
                ("error", "原因"),
            ],
            title=f"通知 {attempts_of} 的送达记录",
        )
        return

    async def work(pool: asyncpg.Pool) -> list[dict[str, Any]]:
        return await notices.listed(pool, await subscriptions.number_of(pool, name), state, limit)

    show(
        _asked(work),
        form,
        columns=[
            ("place", "编号"),
            ("made_at", "时间"),
            ("title", "通知"),
            ("announcements", "预警变化"),
            ("state", "状态"),
            ("tries", "次数"),
            ("status", "状态码"),
            ("error", "原因"),
        ],
        title=f"通知：{name}",
    )


@app.command("replay")
def replay(
    name: NameArgument,
    notice: Annotated[
        list[int] | None, typer.Option("--notice", help="A notice's place; repeatable.")
    ] = None,
    parked: Annotated[bool, typer.Option("--parked", help="All that were given up.")] = False,
    since: Annotated[str | None, typer.Option(help="All that were made since this day.")] = None,
) -> None:
    """Tell again what was told, or given up, with the ids that it had: receivers know a repeat by them.

    What waits because the receiver was away is tried at once, and in order.
    """
    if not (notice or parked or since):
        raise fail("Say which notices: --notice, --parked or --since.", 2)
    begin = None if since is None else datetime.combine(day(since), time(), SHANGHAI)

    async def work(pool: asyncpg.Pool) -> notices.Replayed:
        number = await subscriptions.number_of(pool, name)
        return await notices.replay(pool, number, places=notice or [], parked=parked, since=begin)

    found = _asked(work)
    console.print(f"{found.again:,} notices are told again.")
    if found.at_once:
        console.print(
            f"The receiver is tried at once: {found.at_once:,} was waiting for it, and all behind it."
        )


@app.command("snooze")
def snooze(
    what: Annotated[str, typer.Argument(help="An anomaly's id, or a subject: household:LZ000698.")],
    until: Annotated[str, typer.Option(help="Until the end of this day.")],
    reason: Annotated[str, typer.Option(help="Why; everybody can read this, so name nobody.")],
    name: Annotated[
        str | None, typer.Option("--subscription", help="Of this subscription; else of everybody.")
    ] = None,
) -> None:
    """Hold back what is announced of an anomaly, until a day or until it rests on other facts.

    What is held back is told then.
    """
    if not reason.strip():
        raise fail("--reason must say something.", 2)
    last = day(until)
    end = datetime.combine(last + timedelta(days=1), time(), SHANGHAI)
    if end <= datetime.now(UTC):
        raise fail(f"{until} is over.", 2)
    try:
        found: UUID | str = UUID(what)
    except ValueError:
        if ":" not in what:
            raise fail(f"{what} is no id of an anomaly and no subject (household:…).", 2) from None
        found = what

    async def work(pool: asyncpg.Pool) -> list[int]:
        number = None if name is None else await subscriptions.number_of(pool, name)
        return await snoozes.snooze(
            pool, found, subscription=number, until=end, reason=reason.strip(), by=who()
        )

    numbers = ", ".join(map(str, _asked(work)))
    console.print(f"Snoozed ({numbers}) until {last} is over; `dibao alert lift` ends it before.")


@app.command("lift")
def lift(number: Annotated[int, typer.Argument(help="The snooze's number.")]) -> None:
    """End a snooze before its time: what it held back is told."""
    _asked(lambda pool: snoozes.lift(pool, number))
    console.print(f"Snooze {number} is over.")


@app.command("snoozes")
def snoozed(form: FormatOption = Format.table) -> None:
    """List every snooze, who made it and why, and what ended it."""
    show(
        _asked(snoozes.listed),
        form,
        columns=[
            ("number", "编号"),
            ("subscription", "订阅"),
            ("anomaly_id", "预警编号"),
            ("until", "暂缓至"),
            ("reason", "原因"),
            ("by", "经办"),
            ("held", "暂缓条数"),
            ("ended_at", "结束时间"),
            ("ended_why", "结束原因"),
        ],
        title="暂缓通知",
    )
