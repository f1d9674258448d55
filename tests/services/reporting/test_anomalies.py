"""Anomalies as they are read: the open set, one explained, the live stream."""

import asyncio
import json
from contextlib import AsyncExitStack
from datetime import date
from typing import Any, Literal
from uuid import UUID

import httpx
import pytest

from events.envelope import event_id_of
from projections.schema import READER
from services.detection import generation
from services.detection.backtest import SCHEMA, TRIED, VILLAGE
from services.detection.rules import BY_NAME
from services.platform.http import serve_http
from services.platform.settings import Settings
from services.reporting import queries
from services.reporting.application import application
from services.reporting.settings import ReportingSettings
from tests.oracle import stating as s
from tests.ports import free_port
from tests.services.reporting.conftest import Street

ANOMALY = UUID("00000000-0000-5000-8000-000000000001")


async def test_open_and_withdrawn(street: Street) -> None:
    await street.announce("raised")
    await street.log.close_day("2021-03-01")
    await street.announce("revised", 2, params={"excess_fen": 20000})
    await street.announce("withdrawn", 3, params={"excess_fen": 20000})
    await street.read()

    assert (await queries.anomalies(street.pool)).rows == []
    (row,) = (await queries.anomalies(street.pool, queries.AnomalyFilter(state="withdrawn"))).rows
    assert list(row)[:11] == [
        "rule", "anomaly_id", "revision", "state", "severity", "key", "params", "evidence", "evidence_count",
        "raised_at", "revised_at",
    ]  # fmt: skip
    assert (row["revision"], row["state"], row["village"]) == (3, "withdrawn", "500102008201")
    assert row["raised_at"] < row["revised_at"]
    closed = queries.AnomalyFilter(as_of=date(2021, 3, 1))
    (row,) = (await queries.anomalies(street.pool, closed)).rows
    assert (row["revision"], row["state"], row["params"]["excess_fen"]) == (1, "open", 10000)


async def test_filters(street: Street) -> None:
    await street.announce("raised")
    await street.read()

    async def count(**filters: str) -> int:
        return len((await queries.anomalies(street.pool, queries.AnomalyFilter(**filters))).rows)  # type: ignore[arg-type]

    assert await count(rule="large-payment", village="500102008201", severity="medium") == 1
    assert await count(rule="unentitled") == 0
    assert await count(village="500102008202") == 0
    assert await count(household_no="H1") == 1
    page = await queries.anomalies(street.pool, queries.AnomalyFilter(limit=1))
    assert page.next is None


async def test_sorted_page_by_page(street: Street) -> None:
    """Severities by what they mean; what is not known is the last; what is alike by rule and id."""
    stated: list[tuple[str, str | None]] = [
        ("medium", "H1"), ("high", "H2"), ("info", "H1"), ("low", None), ("high", "H1"), ("medium", "H2"),
    ]  # fmt: skip
    for number, (severity, household) in enumerate(stated, 1):
        await street.announce(
            "raised", anomaly_id=str(UUID(int=number)), severity=severity, household_no=household
        )
    await street.read()

    async def read(sort: str) -> list[tuple[int, str, str | None]]:
        found, after = [], None
        while True:
            asked = queries.AnomalyFilter(sort=sort, limit=2, after=after)
            page = await queries.anomalies(street.pool, asked)
            found += [(row["anomaly_id"].int, row["severity"], row["household_no"]) for row in page.rows]
            assert not any("weight" in row for row in page.rows)
            if (after := page.next) is None:
                return found

    assert [(number, severity) for number, severity, _ in await read("-severity")] == [
        (2, "high"), (5, "high"), (1, "medium"), (6, "medium"), (4, "low"), (3, "info"),
    ]  # fmt: skip
    assert [number for number, *_ in await read("severity")] == [3, 4, 1, 6, 2, 5]
    assert [(number, household) for number, _, household in await read("household_no")] == [
        (1, "H1"), (3, "H1"), (5, "H1"), (2, "H2"), (6, "H2"), (4, None),
    ]  # fmt: skip
    assert len({number for number, *_ in await read("-raised_at")}) == 6
    with pytest.raises(queries.WrongQuestionError, match="sort: expected one of severity, rule"):
        queries.AnomalyFilter(sort="evidence")
    with pytest.raises(queries.WrongQuestionError, match="sort: expected nothing, where since is asked for"):
        await queries.changes(street.pool, date(2021, 3, 1), queries.AnomalyFilter(sort="rule"))
    first = await queries.anomalies(street.pool, queries.AnomalyFilter(limit=2))
    with pytest.raises(queries.WrongQuestionError, match="after"):
        await queries.anomalies(street.pool, queries.AnomalyFilter(limit=2, after=first.next, sort="rule"))


async def test_what_is_new_revised_and_gone_since_a_day(street: Street) -> None:
    async def announce(verb: str, number: int, revision: int = 1, **more: Any) -> None:
        await street.announce(verb, revision, anomaly_id=str(UUID(int=number)), **more)

    await street.announce("raised")
    for number in (2, 3, 4):
        await announce("raised", number)
    await announce("withdrawn", 4, 2)
    await street.log.close_day("2021-03-01")
    await street.announce("revised", 2, severity="high", params={"excess_fen": 20000})
    await announce("withdrawn", 2, 2)
    await announce("raised", 4, 3)
    await announce("raised", 5)
    await announce("raised", 6)
    await announce("withdrawn", 6, 2)
    await street.read()

    async def changed(**filters: Any) -> list[tuple[int, str, str, str | None]]:
        asked = queries.AnomalyFilter(**{"state": None} | filters)
        page = await queries.changes(street.pool, date(2021, 3, 1), asked)
        return [
            (row["anomaly_id"].int % 16, row["verb"], row["severity"], row["then_severity"])
            for row in page.rows
        ]

    whole = [
        (2, "withdrawn", "medium", "medium"),
        (4, "raised", "medium", None),
        (5, "raised", "medium", None),
        (1, "revised", "high", "medium"),
    ]
    assert await changed() == whole
    assert await changed(state="open") == whole[1:]
    assert await changed(state="withdrawn") == whole[:1]
    assert await changed(severity="medium") == whole, "now or then"
    assert await changed(severity="high") == whole[3:]
    assert await changed(village="500102008202") == []
    (*_, revised) = (await queries.changes(street.pool, date(2021, 3, 1))).rows
    assert (revised["then_revision"], revised["revision"]) == (1, 2)
    assert revised["then_params"]["excess_fen"] == 10000
    assert revised["sentence"].endswith("超出200.00元。")
    assert revised["then_sentence"].endswith("超出100.00元。")
    assert "then_rule_version" not in revised

    first = await queries.changes(street.pool, date(2021, 3, 1), queries.AnomalyFilter(state=None, limit=3))
    rest = queries.AnomalyFilter(state=None, limit=3, after=first.next)
    assert len((await queries.changes(street.pool, date(2021, 3, 1), rest)).rows) == 1


async def test_changes_up_to_a_later_closed_day(street: Street) -> None:
    await street.log.close_day("2021-03-01")
    await street.announce("raised")
    await street.log.close_day("2021-03-02")
    await street.announce("withdrawn", 2)
    await street.read()
    since = date(2021, 3, 1)
    (row,) = (await queries.changes(street.pool, since, queries.AnomalyFilter(as_of=date(2021, 3, 2)))).rows
    assert (row["verb"], row["revision"]) == ("raised", 1)
    assert (await queries.changes(street.pool, since)).rows == [], "it came and went"
    (gone,) = (await queries.changes(street.pool, date(2021, 3, 2))).rows
    assert (gone["verb"], gone["then_revision"]) == ("withdrawn", 1)
    with pytest.raises(queries.WrongQuestionError, match="since: expected a day before 2021-03-01"):
        await queries.changes(street.pool, since, queries.AnomalyFilter(as_of=since))
    with pytest.raises(queries.DayNotClosedError, match="2021-02-28 is not closed"):
        await queries.changes(street.pool, date(2021, 2, 28))


async def test_changes_over_http(street: Street, client: httpx.AsyncClient) -> None:
    await street.log.close_day("2021-03-01")
    await street.announce("raised")
    await street.announce("withdrawn", 2)
    await street.log.close_day("2021-03-02")
    await street.announce("raised", 3)
    await street.read()

    async def verbs(**asked: str) -> list[str]:
        return [row["verb"] for row in (await client.get("/anomalies", params=asked)).json()["rows"]]

    assert await verbs(since="2021-03-01") == ["raised"]
    assert await verbs(since="2021-03-02") == ["raised"]
    assert await verbs(since="2021-03-02", state="withdrawn") == []
    assert (await client.get("/anomalies", params={"since": "2021-02-28"})).status_code == 409
    assert (await client.get("/anomalies", params={"since": "yesterday"})).status_code == 422
    assert len((await client.get("/anomalies")).json()["rows"]) == 1


async def test_a_rule_that_there_never_was_is_no_question(street: Street) -> None:
    await street.read()
    with pytest.raises(queries.WrongQuestionError, match=r"rule: expected one of a[a-z-]+, b"):
        await queries.anomalies(street.pool, queries.AnomalyFilter(rule="nonsense"))
    await street.pool.execute("DELETE FROM platform.rule")
    with pytest.raises(queries.WrongQuestionError, match="no rule yet"):
        await queries.anomalies(street.pool, queries.AnomalyFilter(rule="large-payment"))


async def test_an_anomaly_has_the_words_of_the_version_that_found_it(street: Street) -> None:
    await street.pool.execute(
        """
        INSERT INTO platform.rule (name, version, subject, title, phrases, requirements, key, parameters)
        SELECT name, 2, subject, '支付超额', '["{household_no}户多得{excess_fen:yuan}"]', requirements, key,
               parameters
        FROM platform.rule WHERE name = 'large-payment'
        """
    )

    async def said() -> tuple[str, str]:
        (row,) = (await queries.anomalies(street.pool)).rows
        explained = await queries.explain(street.pool, ANOMALY)
        assert explained is not None
        assert (explained.anomaly["title"], explained.anomaly["sentence"]) == (row["title"], row["sentence"])
        return row["title"], row["sentence"]

    await street.announce("raised", params={"excess_fen": 10000})
    await street.read()
    assert await said() == ("大额支付", "H1户农村低保2021年2月正常发放合计超过核定金额，超出100.00元。")
    await street.announce("revised", 2, rule_version=2, params={"excess_fen": 10000})
    await street.read()
    assert await said() == ("支付超额", "H1户多得100.00元。")
    await street.announce("revised", 3, rule_version=9, params={"excess_fen": 10000})
    await street.read()
    fields = "户号 H1，月份 2021-02，救助类别 农村低保"
    assert await said() == ("large-payment", f"large-payment：{fields}。")
    assert (await queries.catalogue(street.pool)).title("large-payment") == "支付超额"


async def test_days_overdue_are_counted_to_the_closed_day_of_the_reading(street: Street) -> None:
    clue: dict[str, Any] = {
        "rule": "clue-untransferred",
        "rule_version": BY_NAME["clue-untransferred"].version,
        "subject": "clue:X1",
        "key": {"clue_no": "X1"},
        "params": {"due_on": "2021-03-01"},
        "household_no": None,
    }

    async def ends(as_of: date | None = None, state: Literal["open", "withdrawn"] = "open") -> str:
        filters = queries.AnomalyFilter(as_of=as_of, state=state)
        (row,) = (await queries.anomalies(street.pool, filters)).rows
        return str(row["sentence"]).rpartition("，")[2]

    await street.announce("raised", **clue)
    await street.read()
    assert await ends() == "至今未移交。", "no day is closed"
    await street.log.close_day("2021-03-03")
    await street.log.close_day("2021-03-11")
    await street.read()
    assert await ends() == "逾期10天。"
    assert await ends(date(2021, 3, 3)) == "逾期2天。"
    closing = {"source": "/dibao/calendar", "id": "close-2021-03-11", "type": "dibao.calendar.day_closed.v1"}
    await street.log.state(s.voided(closing, day="2021-03-11"))
    await street.read()
    assert await ends() == "逾期2天。", "its closing was undone"
    await street.announce("withdrawn", 2, **clue)
    await street.read()
    assert await ends(state="withdrawn") == "至今未移交。"


async def test_explain(street: Street) -> None:
    await street.announce("raised")
    await street.announce("revised", 2, params={"excess_fen": 20000})
    await street.read()

    found = await queries.explain(street.pool, ANOMALY)
    assert found is not None
    assert found.anomaly["sentence"] == "H1户农村低保2021年2月正常发放合计超过核定金额，超出200.00元。"
    assert (found.anomaly["rule_version"], found.anomaly["policy"]) == (1, {"large_payment.multiple": "1.00"})
    (payment,) = found.evidence
    assert (payment["status"], payment["data"]["amount_fen"], payment["type"]) == (
        "counts", 100000, "dibao.payments.paid.v1",
    )  # fmt: skip
    assert [(item["revision"], item["verb"]) for item in found.revisions] == [(1, "raised"), (2, "revised")]
    assert await queries.explain(street.pool, UUID(int=9)) is None


async def test_what_a_backtest_has_found_is_explained_though_it_was_never_announced(street: Street) -> None:
    await street.announce("raised")
    await street.read()
    before = await queries.explain(street.pool, ANOMALY)
    assert before is not None
    tried = UUID(int=7)
    assert await queries.explain(street.pool, tried) is None, "no backtest has run"
    async with street.pool.acquire() as connection:
        await generation.create(connection, SCHEMA, (TRIED, VILLAGE))
        assert await queries.explain(street.pool, tried) is None, "one that nobody may read is none"
        await connection.execute(f"grant usage on schema {SCHEMA} to {READER}")
        await connection.execute(f"grant select on all tables in schema {SCHEMA} to {READER}")
        await connection.execute(
            f"""
            insert into {SCHEMA}.tried
            values (1, $1, null, 'large-payment', 1, '2021-02', 'H1', $2, 'high', $3, $4, 1, '2021-03-01',
                $5, '')
            """,
            *(tried, before.anomaly["key"], {"excess_fen": 10000}),
            *([str(fact["event_id"]) for fact in before.evidence], {"large_payment.multiple": "0.50"}),
        )
    found = await queries.explain(street.pool, tried)
    assert found is not None
    assert (found.anomaly["state"], found.anomaly["revision"], found.revisions) == ("tried", 0, [])
    assert found.anomaly["holds_since"] == date(2021, 3, 1)
    assert found.anomaly["sentence"] == "H1户农村低保2021年2月正常发放合计超过核定金额，超出100.00元。"
    assert found.evidence == [{**fact, "revisions": []} for fact in before.evidence]
    assert await queries.explain(street.pool, UUID(int=9)) is None


async def test_explain_keeps_what_an_earlier_revision_rested_on_beside_its_void(street: Street) -> None:
    first, second = s.paid("2021-02", 100000), s.paid("2021-02", 110000)
    await street.log.state(first, second, s.voided(first, household_no="H1"))
    rests = {fact["id"]: [str(event_id_of(fact["source"], fact["id"]))] for fact in (first, second)}
    await street.announce("raised", evidence=rests[first["id"]])
    words = "INSERT INTO platform.rule SELECT name, 2, subject, title, '[\"另一说法{excess_fen:yuan}\"]',"
    await street.pool.execute(
        f"{words} requirements, key, parameters FROM platform.rule WHERE name = 'large-payment'"
    )
    await street.announce(
        "revised", 2, rule_version=2, params={"excess_fen": 20000}, evidence=rests[second["id"]]
    )
    await street.read()

    found = await queries.explain(street.pool, ANOMALY)
    assert found is not None
    paid_then, undone = found.evidence[:2], found.evidence[2]
    assert {(fact["serial"], fact["status"], *fact["revisions"]) for fact in paid_then} == {
        (first["id"], "voided", 1),
        (second["id"], "counts", 2),
    }
    assert (undone["type"], undone["status"], undone["revisions"]) == ("dibao.payments.voided.v1", "void", [])
    assert [(item["rule_version"], item["sentence"]) for item in found.revisions] == [
        (1, "H1户农村低保2021年2月正常发放合计超过核定金额，实发1,000.00元，核定900.00元，超出100.00元。"),
        (2, "另一说法200.00元。"),
    ]


async def test_what_is_only_kept_to_be_counted_is_no_content_to_be_shown(street: Street) -> None:
    check = s.state(
        "custody.checked",
        "2021-02-01",
        {
            "custody_no": "C1",
            "household_no": "H1",
            "checked_on": "2021-02-01",
            "card_present": True,
            "withdrawals_explained": True,
            "result": "in_order",
        },
    )
    await street.log.state(check)
    await street.announce("raised", evidence=[str(event_id_of(check["source"], check["id"]))])
    await street.read()
    explained = await queries.explain(street.pool, ANOMALY)
    assert explained is not None
    assert [(fact["type"], fact["data"]) for fact in explained.evidence] == [("dibao.custody.checked.v1", {})]


async def test_follow_goes_on_after_a_place(street: Street) -> None:
    await street.announce("raised")
    await street.read()
    following = queries.follow(queries.Bell(street.pool), "")
    first = await anext(following)
    assert (first.verb, first.anomaly["anomaly_id"]) == ("raised", ANOMALY)
    await following.aclose()

    following = queries.follow(queries.Bell(street.pool, poll_seconds=30), first.place)
    coming = asyncio.ensure_future(anext(following))
    await asyncio.sleep(0.3)
    assert not coming.done()
    await street.announce("withdrawn", 2)
    await street.read()
    # The notice of the commit wakes it long before the next asking.
    assert (await asyncio.wait_for(coming, 5)).verb == "withdrawn"
    await following.aclose()


async def test_stream(street: Street) -> None:
    stop = asyncio.Event()
    app = application(street.pool, None, stop)
    port = free_port()
    serving = asyncio.ensure_future(serve_http(app, Settings(port=port), stop))
    key = {"Authorization": f"Bearer {await street.reader()}"}
    try:
        await street.announce("raised")
        await street.read()
        events: list[dict[str, str]] = []
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10, headers=key) as client:
            await _answers(client)
            async with client.stream("GET", "/anomalies/stream", params={"after": ""}) as answer:
                assert answer.headers["content-type"].startswith("text/event-stream")
                event: dict[str, str] = {}
                async for line in answer.aiter_lines():
                    name, _, value = line.partition(": ")
                    if line:
                        event[name] = value
                    elif "data" in event:
                        events.append(event)
                        event = {}
                        if len(events) == 2:
                            break
                        await street.announce("withdrawn", 2)
                        await street.read()
        assert [item["event"] for item in events] == ["raised", "withdrawn"]
        assert json.loads(events[0]["data"])["sentence"].startswith("H1户")
        assert events[0]["id"] != events[1]["id"]
    finally:
        stop.set()
        await asyncio.wait_for(serving, 15)


async def test_live_streams_share_one_listener_and_are_bounded(street: Street) -> None:
    await street.announce("raised")
    await street.read()
    stop, port, most = asyncio.Event(), free_port(), 12
    app = application(street.pool, ReportingSettings(most_streams=most), stop)
    serving = asyncio.ensure_future(serve_http(app, Settings(port=port), stop))
    key = {"Authorization": f"Bearer {await street.reader()}"}
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10, headers=key) as client:
            await _answers(client)
            async with AsyncExitStack() as streams:
                # Twice as many as the pool has connections.
                opened = [
                    await streams.enter_async_context(client.stream("GET", "/anomalies/stream"))
                    for _ in range(most)
                ]
                coming = [asyncio.ensure_future(_first_event(answer)) for answer in opened]
                refused = await client.get("/anomalies/stream")
                assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
                assert (await client.get("/anomalies")).status_code == 200, "others are answered meanwhile"
                await asyncio.sleep(0.3)
                listening = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'"
                assert await street.pool.fetchval(listening) == 1
                await street.announce("withdrawn", 2)
                await street.read()
                async with asyncio.timeout(4):  # the bell rings by itself after five
                    assert await asyncio.gather(*coming) == ["withdrawn"] * most
            async with client.stream("GET", "/anomalies/stream", params={"after": ""}) as answer:
                assert answer.status_code == 200, "there is room again"
    finally:
        stop.set()
        await asyncio.wait_for(serving, 15)


async def _first_event(answer: httpx.Response) -> str:
    async for line in answer.aiter_lines():
        name, _, value = line.partition(": ")
        if name == "event":
            return value
    raise AssertionError("the stream ended")


async def _answers(client: httpx.AsyncClient) -> None:
    for _ in range(100):
        try:
            await client.get("/health")
        except httpx.ConnectError:
            await asyncio.sleep(0.05)
        else:
            return
    raise AssertionError("reporting did not answer")


async def test_several_groups_are_counted_in_one_pass(street: Street) -> None:
    for number, severity, household in ((1, "high", "H1"), (2, "low", "H1"), (3, "low", "H9")):
        await street.announce(
            "raised",
            anomaly_id=str(UUID(int=number)),
            severity=severity,
            household_no=household,
            params={"excess_fen": 100 * number},
        )
    await street.read()
    by = ("severity", "rule", "village")
    found = await queries.anomalies_by(street.pool, queries.AnomalyFilter(), by)
    assert found is not None
    assert [(row["group"], row["rows"], row["amount_fen"]) for row in found["severity"].groups] == [
        ("high", 1, 100),
        ("low", 2, 500),
    ]
    assert [(row["group"], row["rows"]) for row in found["village"].groups] == [
        ("500102008201", 2),
        (None, 1),
    ]
    assert found["rule"].total == {"rows": 3, "amount_fen": 600}
    for one in by:
        assert await queries.anomaly_sums(street.pool, queries.AnomalyFilter(), one) == found[one]
    none = await queries.anomalies_by(street.pool, queries.AnomalyFilter(severity="info"), by)
    assert (
        none is not None and none["rule"].total == {"rows": 0, "amount_fen": None} and not none["rule"].groups
    )
