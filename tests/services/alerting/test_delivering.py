"""Notices on their way: to receivers and mail servers that refuse, go away and come back."""

import asyncio
import logging
import re
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deploy.certificates import Authority
from services.alerting.attempt import Attempt, Outcome
from services.alerting.delivering import _DUE, _NEXT, Deliverer
from services.alerting.settings import AlertingSettings
from services.alerting.subscription import Bounds
from tests.services.alerting.mailbox import Mailbox
from tests.services.alerting.office import HERE, KEYS, Office, finding
from tests.services.alerting.receiver import SECRET, Receiver

QUICK = {"first_seconds": 0.05, "longest_seconds": 0.4, "timeout_seconds": 2.0}
MANY = Bounds(most=100)


@asynccontextmanager
async def delivering(office: Office, **settings: Any) -> AsyncIterator[None]:
    """Deliver meanwhile."""
    stop = asyncio.Event()
    deliverer = Deliverer(office.pool, KEYS, AlertingSettings(**{**QUICK, **settings}))
    task = asyncio.create_task(deliverer.run(stop))
    try:
        yield
    finally:
        stop.set()
        deliverer.wake()
        await task


async def eventually(holds: Callable[[], Any], seconds: float = 15) -> None:
    """Return when something holds, plain or awaited."""
    async with asyncio.timeout(seconds):
        while True:
            found = holds()
            if await found if asyncio.iscoroutine(found) else found:
                return
            await asyncio.sleep(0.02)


async def states(office: Office, number: int) -> dict[str, int]:
    rows = await office.pool.fetch(
        "SELECT state, count(*) FROM alerting.notice WHERE subscription = $1 GROUP BY 1", number
    )
    return {row["state"]: row["count"] for row in rows}


async def told(office: Office, count: int, **more: Any) -> int:
    """A subscription with so many notices that are due; return its number."""
    receiver = more.pop("receiver", None)
    if receiver is not None:
        more |= {"target": receiver.url, "secret": SECRET}
    number = await office.subscribe(bounds=MANY, **more)
    await office.announce(*(finding(one) for one in range(count)))
    office.now = datetime.now(UTC)
    await office.step()
    office.now = datetime.now(UTC)
    await office.step(11)
    await office.pool.execute("UPDATE alerting.notice SET due_at = now() - interval '1 minute'")
    return number


async def test_a_receiver_is_told_once_of_each_in_order(office: Office) -> None:
    receiver = Receiver()
    number = await told(office, 12, receiver=receiver)
    async with receiver.listening(), delivering(office):
        await eventually(lambda: len(receiver.taken) == 12)
        await eventually(lambda: states(office, number))
    kept = await office.pool.fetch(
        "SELECT id FROM alerting.notice WHERE subscription = $1 ORDER BY place", number
    )
    assert receiver.requests == [str(row["id"]) for row in kept]
    assert await states(office, number) == {"delivered": 12}


async def test_a_receiver_that_goes_away_and_comes_back_loses_and_doubles_nothing(office: Office) -> None:
    receiver = Receiver()
    number = await told(office, 30, receiver=receiver)
    async with delivering(office, tries=100):
        for least in (8, 16, 30):
            async with receiver.listening():
                await eventually(lambda least=least: len(receiver.taken) >= least)  # type: ignore[misc]
            await asyncio.sleep(0.3)
        await eventually(lambda: _all_delivered(office, number))
    assert len(receiver.taken) == 30
    assert receiver.doubled == 0
    attempts = await office.pool.fetch("SELECT outcome, error, status FROM alerting.attempt")
    kinds = {(row["outcome"], row["error"]) for row in attempts}
    assert ("delivered", None) in kinds
    assert kinds <= {
        ("delivered", None),
        *(("away", f"{name}Error") for name in ("Connect", "Read", "RemoteProtocol", "Write")),
    }


async def _all_delivered(office: Office, number: int) -> bool:
    return set(await states(office, number)) == {"delivered"}


async def test_while_a_receiver_is_away_it_is_asked_with_the_first_notice_alone(office: Office) -> None:
    receiver = Receiver(answers=lambda number: 503)
    await told(office, 5, receiver=receiver)
    async with receiver.listening(), delivering(office):
        await eventually(lambda: len(receiver.requests) >= 4)
    assert len(set(receiver.requests)) == 1
    rows = await office.pool.fetch("SELECT outcome, status, error FROM alerting.attempt ORDER BY number")
    assert {tuple(row) for row in rows} == {("away", 503, "answered")}


async def test_what_one_message_is_refused_for_holds_nothing_else_up(office: Office) -> None:
    receiver = Receiver()
    first: list[str] = []

    def answer(number: int) -> int:
        first[:] = first or receiver.requests[:1]
        return 400 if receiver.requests[-1] == first[0] else 200

    receiver.answers = answer
    number = await told(office, 4, receiver=receiver)
    async with receiver.listening(), delivering(office, tries=3):
        await eventually(lambda: _parked(office, number))
    assert await states(office, number) == {"delivered": 3, "parked": 1}
    assert receiver.requests.count(first[0]) == 3, "tried as often as the settings say"


async def _parked(office: Office, number: int) -> bool:
    found = await states(office, number)
    return found.get("parked", 0) == 1 and "due" not in found


async def test_who_answers_gone_is_asked_once(office: Office) -> None:
    receiver = Receiver(answers=lambda number: 410)
    number = await told(office, 1, receiver=receiver)
    async with receiver.listening(), delivering(office):
        await eventually(lambda: _parked(office, number))
    assert len(receiver.requests) == 1


async def test_attempts_that_end_at_the_same_moment_are_both_on_record(office: Office) -> None:
    """Of a worker that stood still while another one told it: neither ends because of the other."""
    await told(office, 1)
    [row] = await office.pool.fetch(_DUE, datetime.now(UTC), 1)
    ends = [Attempt(Outcome.AWAY, 503, "answered"), Attempt(Outcome.DELIVERED, 204, None)] * 2
    worker = Deliverer(office.pool, KEYS, AlertingSettings())
    await asyncio.gather(*(worker._record(row, end, 1, datetime.now(UTC), 0.1) for end in ends))
    numbers = await office.pool.fetch("SELECT number FROM alerting.attempt ORDER BY number")
    assert [one["number"] for one in numbers] == [1, 2, 3, 4]


async def test_it_delivers_in_its_own_role(office: Office, in_its_role: Office) -> None:
    receiver = Receiver()
    number = await told(office, 2, receiver=receiver)
    async with receiver.listening(), delivering(in_its_role):
        await eventually(lambda: _all_delivered(office, number))
    assert len(receiver.taken) == 2


async def test_who_rests_is_not_asked_after_where_nothing_is_due(office: Office) -> None:
    """A worker that stood still says last that nobody was there: others have told everything meanwhile."""
    number = await told(office, 1)
    await office.pool.execute("UPDATE alerting.notice SET state = 'delivered' WHERE state = 'due'")
    await office.pool.execute(
        "UPDATE alerting.subscription SET resting_until = now() - interval '1 s' WHERE number = $1", number
    )
    assert await office.pool.fetchval(_NEXT) is None


async def test_two_workers_send_nothing_twice(office: Office) -> None:
    receiver = Receiver()
    await told(office, 40, receiver=receiver)
    async with receiver.listening(), delivering(office), delivering(office):
        await eventually(lambda: len(receiver.taken) == 40)
    assert len(receiver.requests) == 40


async def test_who_crashed_after_sending_sends_again_with_the_same_id(office: Office) -> None:
    receiver = Receiver()
    number = await told(office, 1, receiver=receiver)
    async with receiver.listening(), delivering(office):
        await eventually(lambda: _all_delivered(office, number))
        # As if the answer had come and nothing been written.
        await office.pool.execute("UPDATE alerting.notice SET state = 'due', due_at = now()")
        await eventually(lambda: len(receiver.requests) == 2)
    assert len(set(receiver.requests)) == 1
    assert receiver.doubled == 1, "which the receiver sees by the id"


async def test_neither_log_nor_database_shows_a_target_or_a_secret(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="services")
    receiver = Receiver(answers=lambda number: 500)
    await told(office, 1, receiver=receiver)
    async with delivering(office, tries=2):
        await asyncio.sleep(0.5)
    dump = ""
    for table in ("subscription", "notice", "attempt", "item"):
        rows = await office.pool.fetch(f"SELECT to_jsonb(t)::text AS text FROM alerting.{table} t")
        dump += "".join(str(row["text"]) for row in rows)
    assert "http://127.0.0.1" in dump, "the host is shown"
    for secret in ("geheim", "/hook", SECRET, SECRET.removeprefix("whsec_")):
        assert secret not in dump
        assert secret not in caplog.text


def mail(mailbox: Mailbox) -> dict[str, Any]:
    return {
        "smtp_host": "127.0.0.1",
        "smtp_port": mailbox.port,
        "smtp_tls": "none",
        "smtp_sender": "dibao@example.gov.cn",
    }


async def test_a_message_says_in_chinese_what_was_found(office: Office) -> None:
    mailbox = Mailbox()
    number = await told(office, 1, channel="email", target="office@example.gov.cn")
    with mailbox.listening():
        async with delivering(office, **mail(mailbox)):
            await eventually(lambda: _all_delivered(office, number))
    [message] = mailbox.messages
    assert message["Subject"] == "村(社区)不明：大额支付（新增）"
    assert (message["From"], message["To"]) == ("dibao@example.gov.cn", "office@example.gov.cn")
    notice = await office.pool.fetchval("SELECT id FROM alerting.notice WHERE subscription = $1", number)
    assert message["Message-ID"] == f"<{notice}@example.gov.cn>"
    body = message.get_content()
    assert "【中】大额支付（新增）：H0户" in body
    assert "https://dibao.example.cn/pages/anomalies/" in body
    assert "不含姓名和证件号码" in body


async def test_a_mail_server_that_goes_away_and_comes_back_loses_and_doubles_nothing(office: Office) -> None:
    mailbox = Mailbox(answers=lambda number: "451 later" if number % 3 == 2 else "250 OK")
    number = await told(office, 10, channel="email", target="office@example.gov.cn")
    async with delivering(office, tries=100, **mail(mailbox)):
        for least in (4, 10):
            await eventually(lambda: _found_nobody(office))
            with mailbox.listening():
                await eventually(lambda least=least: len(mailbox.messages) >= least)  # type: ignore[misc]
        await eventually(lambda: _all_delivered(office, number))
    ids = [message["Message-ID"] for message in mailbox.messages]
    assert len(ids) == len(set(ids)) == 10
    rows = await office.pool.fetch(
        "SELECT outcome, status FROM alerting.attempt WHERE outcome <> 'delivered'"
    )
    assert {row["outcome"] for row in rows} == {"away"}
    assert {451, None} == {row["status"] for row in rows}


async def _found_nobody(office: Office) -> bool:
    return bool(await office.pool.fetchval("SELECT count(*) > 0 FROM alerting.attempt WHERE status IS NULL"))


async def test_a_digest_lists_what_happened_in_the_village(office: Office) -> None:
    mailbox = Mailbox()
    number = await office.subscribe("日报", "digest", "office@example.gov.cn")
    await office.announce(*(finding(one) for one in range(3)), finding(0, "withdrawn", 2))
    await office.pool.execute("UPDATE alerting.announcement SET village = $1", HERE)
    await office.settle()
    await office.pool.execute("UPDATE alerting.notice SET due_at = now() - interval '1 minute'")
    with mailbox.listening():
        async with delivering(office, **mail(mailbox)):
            await eventually(lambda: _all_delivered(office, number))
    [message] = mailbox.messages
    assert message["Subject"] == f"荔枝街道鹅颈关村 {HERE}：2026年3月2日预警变化4条"
    body = message.get_content()
    assert "大额支付（新增，中）3条" in body
    assert "大额支付（撤销，中）1条" in body


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """What a mail server of the office's own authority shows, and the file of that authority."""
    folder, authority = tmp_path_factory.mktemp("mail"), Authority()
    key, certificate = authority.issue(("localhost", "127.0.0.1"))
    (folder / "server.pem").write_text(key + certificate, encoding="ascii")
    (folder / "ca.pem").write_text(authority.certificate, encoding="ascii")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context, folder / "ca.pem"


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_server_is_spoken_to_over_tls_and_logged_in_to(
    office: Office, certified: tuple[ssl.SSLContext, Path], tmp_path: Path, tls: Any
) -> None:
    """A wrong password is as if the server were away: the next right one delivers, and nothing is doubled."""
    context, ca = certified
    mailbox = Mailbox(tls=tls, context=context, users={"dibao": "geheim"})
    password = tmp_path / "smtp_password"
    password.write_text("falsch\n", encoding="utf-8")
    number = await told(office, 3, channel="email", target="office@example.gov.cn")
    login = {"smtp_tls": tls, "smtp_ca_file": ca, "smtp_user": "dibao", "smtp_password_file": password}
    with mailbox.listening():
        async with delivering(office, **{**mail(mailbox), **login}):
            await eventually(lambda: _attempted(office, "SMTPAuthenticationError"))
            assert mailbox.messages == [] and mailbox.logged_in == []
            password.write_text("geheim\n", encoding="utf-8")
            await eventually(lambda: _all_delivered(office, number))
    assert len({message["Message-ID"] for message in mailbox.messages}) == len(mailbox.messages) == 3
    assert set(mailbox.logged_in) == {"dibao"}


@pytest.mark.parametrize(
    ("mailbox_tls", "ours", "error"),
    [
        ("starttls", {"smtp_tls": "starttls"}, "SMTPException|SSL"),
        ("tls", {"smtp_tls": "tls"}, "SMTPConnectError|SSL"),
        ("none", {"smtp_tls": "starttls"}, "SMTPException"),
        ("none", {"smtp_tls": "tls"}, "SMTP|SSL"),
        ("starttls", {"smtp_tls": "none"}, "SMTP"),
    ],
    ids=["stranger by STARTTLS", "stranger by TLS", "has no STARTTLS", "has no TLS", "wants TLS"],
)
async def test_nothing_is_handed_to_a_server_that_is_not_the_one_meant(
    office: Office,
    certified: tuple[ssl.SSLContext, Path],
    tmp_path: Path,
    mailbox_tls: Any,
    ours: dict[str, Any],
    error: str,
) -> None:
    """Of an authority that nobody believes, or without the TLS that is wanted: no message, no password."""
    mailbox = Mailbox(tls=mailbox_tls, context=certified[0], users={"dibao": "geheim"})
    password = tmp_path / "smtp_password"
    password.write_text("geheim", encoding="utf-8")
    number = await told(office, 1, channel="email", target="office@example.gov.cn")
    login = {"smtp_user": "dibao", "smtp_password_file": password}
    with mailbox.listening():
        async with delivering(office, tries=100, **{**mail(mailbox), **login, **ours}):
            await eventually(lambda: _attempted(office, ""))
    assert mailbox.messages == [] and mailbox.logged_in == []
    assert await states(office, number) == {"due": 1}
    rows = await office.pool.fetch("SELECT DISTINCT outcome, error FROM alerting.attempt")
    assert {row["outcome"] for row in rows} == {"away"}, rows
    assert all(re.search(error, row["error"]) for row in rows), rows


async def _attempted(office: Office, error: str) -> bool:
    found = await office.pool.fetchval("SELECT count(*) FROM alerting.attempt WHERE error ~ $1", error)
    return bool(found)


async def test_an_address_that_the_server_refuses_is_parked(office: Office) -> None:
    mailbox = Mailbox(answers=lambda number: "550 no such mailbox")
    number = await told(office, 1, channel="email", target="office@example.gov.cn")
    with mailbox.listening():
        async with delivering(office, tries=2, **mail(mailbox)):
            await eventually(lambda: _parked(office, number))
    rows = await office.pool.fetch("SELECT outcome, status FROM alerting.attempt")
    assert {tuple(row) for row in rows} == {("refused", 550)}
