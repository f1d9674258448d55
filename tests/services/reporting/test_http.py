"""Reporting over HTTP: rows as JSON, pages, refusals in sentences."""

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import openpyxl
import pytest

from projections.schema import answers
from services.platform.access import AccessError, add_holder, know_operator, renew_holder, revoke_holder
from services.reporting import queries
from services.reporting.application import application
from services.reporting.filters import cursor_of
from services.reporting.settings import ReportingSettings
from tests.operator import OPERATOR_KEY, make_operator
from tests.oracle import stating as s
from tests.services.reporting.conftest import Street

ONE = UUID(int=1)


async def test_a_ledger_by_pages(client: httpx.AsyncClient) -> None:
    first = (await client.get("/ledgers/payments", params={"limit": 2})).json()
    assert [row["month"] for row in first["rows"]] == ["2021-01", "2021-02"]
    assert first["title"] == "低保金发放台账"
    rest = (await client.get("/ledgers/payments", params={"limit": 2, "after": first["next"]})).json()
    assert [row["month"] for row in rest["rows"]] == ["2021-03"]
    assert rest["next"] is None
    assert rest["rows"][0]["village"] == "500102008201", "from the household's enrolment"
    assert rest["rows"][0]["account_id"].startswith("a."), "tokens only"


async def test_rows_by_whom_they_name_and_by_how_they_stand(
    street: Street, client: httpx.AsyncClient
) -> None:
    wrong = s.paid("2021-04", 5000)
    await street.log.state(wrong, s.voided(wrong, household_no="H1"))
    await street.read()

    async def asked(ledger: str, **filters: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = (await client.get(f"/ledgers/{ledger}", params=filters)).json()["rows"]
        return rows

    (voided,) = await asked("payments", status="voided")
    assert voided["amount_fen"] == 5000
    assert len(await asked("payments", token=voided["account_id"])) == 4
    (spell,) = await asked("recipients")
    for member in spell["members"]:
        assert await asked("recipients", token=member["person_id"]) == [spell]
    assert await asked("recipients", token="p.nobody") == []
    for wrong_filter, expected in (("status=gone", "one of live"), ("token=王一", "a person's token")):
        refused = await client.get(f"/ledgers/payments?{wrong_filter}")
        assert refused.status_code == 422
        assert refused.json()["expected"].startswith(expected)
    assert (await client.get("/ledgers/recipients?status=live")).status_code == 422, "it has none"


async def test_what_a_ledger_comes_to_by_month(client: httpx.AsyncClient) -> None:
    found = (
        await client.get("/ledgers/payments/sums", params={"by": "month", "village": "500102008"})
    ).json()
    assert found["total"] == {"rows": 3, "amount_fen": 280000}
    assert found["groups"] == [
        {"group": "2021-01", "rows": 1, "amount_fen": 90000},
        {"group": "2021-02", "rows": 1, "amount_fen": 100000},
        {"group": "2021-03", "rows": 1, "amount_fen": 90000},
    ]
    refused = await client.get("/ledgers/payments/sums", params={"by": "weather"})
    assert (refused.status_code, refused.json()["detail"][:17]) == (422, "by: expected one ")


async def test_what_does_not_count_is_in_no_total(street: Street, client: httpx.AsyncClient) -> None:
    wrong = s.paid("2021-04", 5000)
    await street.log.state(wrong, s.voided(wrong, household_no="H1"))
    await street.read()
    found = (await client.get("/ledgers/payments/sums")).json()
    assert found["total"] == {"rows": 4, "amount_fen": 280000}, "a row, and none of the money"
    by_status = (await client.get("/ledgers/payments/sums", params={"by": "status"})).json()
    assert by_status["groups"] == [
        {"group": "live", "rows": 3, "amount_fen": 280000},
        {"group": "voided", "rows": 1, "amount_fen": 5000},
    ]


async def test_the_rules_as_they_are_published(client: httpx.AsyncClient) -> None:
    rules = {rule["name"]: rule for rule in (await client.get("/rules")).json()["rows"]}
    assert list(rules) == sorted(rules)
    assert rules["large-payment"] == {
        "name": "large-payment",
        "title": "大额支付",
        "version": 1,
        "requirements": ["R29"],
        "parameters": [
            {
                "name": "large_payment.multiple",
                "default": "1.00",
                "unit": "times the entitlement of the month",
                "source": "ours: nobody is paid more than they are entitled to",
            }
        ],
        "raised": 0,
        "open": 0,
        "withdrawn": 0,
        "confirmed": 0,
        "refuted": 0,
        "precision": None,
    }


async def test_how_many_anomalies_a_rule_has(street: Street, client: httpx.AsyncClient) -> None:
    async def counted() -> tuple[int, int, int]:
        await street.read()
        rows = {rule["name"]: rule for rule in (await client.get("/rules")).json()["rows"]}
        found = rows["large-payment"]
        return found["raised"], found["open"], found["withdrawn"]

    await street.announce("raised")
    assert await counted() == (1, 1, 0)
    await street.announce("revised", 2)
    assert await counted() == (1, 1, 0)
    await street.announce("withdrawn", 3)
    assert await counted() == (1, 0, 1)


async def test_how_many_anomalies_of_a_rule_were_looked_into(
    street: Street, client: httpx.AsyncClient
) -> None:
    one, other, third = (f"00000000-0000-5000-8000-00000000000{number}" for number in (1, 2, 3))

    async def counted(**params: str) -> tuple[int, int, float | None]:
        await street.read()
        answer = await client.get("/rules", params=params)
        found = next(rule for rule in answer.json()["rows"] if rule["name"] == "large-payment")
        return found["confirmed"], found["refuted"], found["precision"]

    for anomaly_id in (one, other, third):
        await street.announce("raised", anomaly_id=anomaly_id)
    assert await counted() == (0, 0, None)
    # Words on what nobody announced are words on no rule.
    await street.log.state(s.checked("00000000-0000-5000-8000-000000000009", "2021-03-10"))
    assert await counted() == (0, 0, None)
    # A problem that names its anomaly confirms it; of several words the latest counts.
    mistaken = s.checked(other, "2021-03-12", "refuted")
    await street.log.state(
        s.problem("WT1", "2021-03-11", anomaly_id=one.upper()), s.checked(other, "2021-03-11")
    )
    await street.log.state(s.problem("WT2", "2021-03-11"), mistaken)
    await street.log.close_day("2021-03-31")
    assert await counted() == (1, 1, 50.0)
    await street.log.state(
        s.voided(mistaken, "2021-04-02", anomaly_id=other), s.checked(third, "2021-04-01", "refuted")
    )
    assert await counted() == (2, 1, 66.7)
    assert await counted(until="2021-03-11") == (2, 0, 100.0)
    assert await counted(as_of="2021-03-31") == (1, 1, 50.0)
    # That it is no longer open takes nothing away from it.
    await street.announce("withdrawn", 2, anomaly_id=third)
    assert await counted() == (2, 1, 66.7)
    assert (await client.get("/rules", params={"as_of": "2021-04-30"})).status_code == 409


async def test_filters(client: httpx.AsyncClient) -> None:
    async def count(path: str, **params: str) -> int:
        return len((await client.get(path, params=params)).json()["rows"])

    assert await count("/ledgers/payments", month="2021-02") == 1
    assert await count("/ledgers/payments", until="2021-02-28") == 2
    assert await count("/ledgers/payments", village="500102008") == 3
    assert await count("/ledgers/payments", village="500102008202") == 0
    assert await count("/ledgers/payments", programme="tekun") == 0
    assert await count("/ledgers/recipients", month="2020-12") == 0
    assert await count("/ledgers/custody", month="2021-12") == 1
    assert await count("/ledgers/custody", month="2022-01") == 0
    assert await count("/ledgers/petitions", month="2021-02") == 1


async def test_members_of_a_month(client: httpx.AsyncClient) -> None:
    for month, members in {"2021-02": 2, "2021-03": 1}.items():
        (spell,) = (await client.get("/ledgers/recipients", params={"month": month})).json()["rows"]
        assert (spell["member_count"], spell["entitlement_fen"]) == (members, 90000)


REFUSALS = [
    ("/ledgers/payments?as_of=2021-01-31", 409),
    ("/annex2?until=2021-12-31&as_of=2021-01-31", 409),
    ("/annex2.xlsx?until=2021-12-31&as_of=2021-01-31", 409),
    ("/ledgers/payments?after=nonsense", 422),
    ("/ledgers/payments?month=2021-13", 422),
    ("/ledgers/debts", 422),
    ("/annex2/cells/A9?until=2021-12-31", 404),
    ("/anomalies/00000000-0000-5000-8000-000000000009", 404),
    ("/anomalies/stream?after=nonsense", 422),
    ("/alerts/stream?after=nonsense", 422),
    ("/alerts/stream?after=-1", 422),
    ("/alerts/stream?after=99999999999999999999", 422),
    ("/ledgers/payments?month=0000-00", 422),
    ("/ledgers/payments?village=5001", 200),
    ("/ledgers/payments?village=5", 422),
    ("/ledgers/payments?village=５００１", 422),
    ("/ledgers/payments?village=50010%00", 422),
    ("/ledgers/payments?household_no=%00", 422),
    ("/ledgers/payments?household_no=H%201", 422),
    ("/ledgers/payments?household_no=H999", 404),
    ("/ledgers/payments?household_no=H1&month=1999-01", 200),
    ("/ledgers/payments?until=20210630", 422),
    ("/ledgers/payments?until=2021-02-30", 422),
    ("/ledgers/payments?as_of=0", 422),
    ("/ledgers/payments?limit=0", 422),
    ("/ledgers/payments?limit=99999999999999999999", 422),
    ("/ledgers/payments?limit=%00", 422),
    ("/ledgers/payments?programme=%00", 422),
    (f"/ledgers/payments?after={cursor_of(['payments', '2021-01-05', 'x', 'y'])}", 422),
    (f"/ledgers/petitions?after={cursor_of(['payments', '2021-01-05', str(ONE)])}", 422),
    (f"/ledgers/petitions?after={cursor_of(['petitions', '2021-01-05', str(ONE)])}", 200),
    (f"/ledgers/custody?after={cursor_of(['custody', chr(0)])}", 422),
    (f"/ledgers/recipients?after={cursor_of(['recipients', 'H', 'p', '9' * 12])}", 422),
    (f"/ledgers/recipients?after={cursor_of(['recipients', 'H', 'p', '9' * 5000])}", 422),
    ("/anomalies?rule=nonsense", 422),
    ("/anomalies?rule=%00", 422),
    ("/anomalies?household_no=H999", 404),
    ("/anomalies?severity=%00", 422),
    ("/anomalies/%00", 422),
    (f"/anomalies/stream?after={cursor_of(['0:99999999999999999999'])}", 422),
    (f"/anomalies/stream?after={cursor_of(['x'])}", 422),
    ("/annex2?until=%00", 422),
    ("/annex2/cells/A1?until=2021-12-31&village=x", 422),
    ("/annex2/cells/A1?until=2021-12-31&after=x", 422),
    ("/annex2/cells/%00?until=2021-12-31", 422),
    ("/receipts/%00", 422),
    ("/receipts/00000000-0000-5000-8000-000000000009", 404),
]


async def test_a_wrong_question_is_refused_in_a_sentence(client: httpx.AsyncClient) -> None:
    for path, status in REFUSALS:
        answer = await client.get(path)
        assert answer.status_code == status, (path, answer.text)
        if status != 200:
            assert isinstance(answer.json()["detail"], str), path


async def test_a_cell_by_pages(client: httpx.AsyncClient, street: Street) -> None:
    await street.log.state(s.exited(s.WANG, stop_month="2021-04", exit_kind="favour"))
    await street.read()
    asked: dict[str, Any] = {"until": "2021-12-31", "limit": 1}
    found = []
    for _ in range(2):
        answer = (await client.get("/annex2/cells/A1p", params=asked)).json()
        assert (answer["count"], len(answer["rows"])) == (2, 1), answer
        found += answer["rows"]
        asked["after"] = answer["next"]
    assert answer["next"] is None
    assert len({row["event_id"] for row in found}) == 2


async def test_annex2(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/annex2", params={"until": "2021-12-31", "by": "village"})).json()
    assert (answer["cells"]["A1p"], answer["cells"]["A1ap"], answer["cells"]["A1h"]) == (1, 1, 0)
    assert answer["cells"]["C1"] == 1
    assert (answer["cells"]["B1"], answer["cells"]["A4"]) == (0, 0)
    assert answer["rows"][0]["village"] == "500102008201"
    opened = (await client.get("/annex2/cells/A1ap", params={"until": "2021-12-31"})).json()
    assert (opened["count"], opened["rows"][0]["type"]) == (1, "dibao.enrollment.exited.v1")
    sheet = await client.get("/annex2.xlsx", params={"until": "2021-12-31"})
    assert openpyxl.load_workbook(BytesIO(sheet.content)).active.title == "附件2"
    text = await client.get("/annex2.csv", params={"until": "2021-12-31"})
    assert text.headers["content-type"] == "text/csv; charset=utf-8"
    assert "A1ap,政策落实情况/农村低保政策落实情况/清退“关系保”“人情保”数,人,1\r\n" in text.text


async def test_a_key_is_asked_for(client: httpx.AsyncClient) -> None:
    every = (
        "/",
        "/anomalies",
        "/rules",
        "/ledgers/payments",
        "/annex2?until=2021-12-31",
        "/anomalies/stream",
        "/alerts/stream",
    )
    for path in (*every, "/openapi.json"):
        for said in ("", "Bearer other", "Bearer ", "Basic !", f"Basic {b64encode(b'x:other').decode()}"):
            answer = await client.get(path, headers={"Authorization": said})
            assert (answer.status_code, answer.json()["detail"][:20]) == (401, "Give a reader's key,"), path
    assert (await client.get("/health", headers={"Authorization": ""})).json() == {"status": "ok"}


async def test_health_says_how_many_records_were_refused(client: httpx.AsyncClient, street: Street) -> None:
    await street.pool.execute(
        'INSERT INTO platform.forged (topic, partition, "offset", written_at, error)'
        " SELECT 'dibao.anomalies', 0, number, now(), 'missing' FROM generate_series(1, 2) AS number"
    )
    assert (await client.get("/health")).json() == {"status": "ok", "forged": 2}


@pytest.mark.parametrize(
    ("made_by", "status"),
    [
        (f"dibao projection, filled by other code, answers {answers()}", 200),
        ("dibao projection, filled by other code, answers other questions", 503),
        ("dibao projection, version 4", 503),
    ],
)
async def test_only_a_generation_that_answers_as_this_code_asks_is_read(
    client: httpx.AsyncClient, street: Street, made_by: str, status: int
) -> None:
    await street.read()
    await street.pool.execute(f"COMMENT ON SCHEMA projection_g1 IS '{made_by}'")
    answer = await client.get("/ledgers/payments")
    assert answer.status_code == status
    assert ("does not answer as this code asks" in answer.text) is (status == 503)


AWAY = (
    *(ConnectionRefusedError(), TimeoutError(), asyncpg.AdminShutdownError(), asyncpg.DiskFullError()),
    *(asyncpg.TooManyConnectionsError(), asyncpg.DeadlockDetectedError()),
    asyncpg.IdleInTransactionSessionTimeoutError(),
    asyncpg.InterfaceError("connection is closed"),
    asyncpg.InternalClientError("cannot switch to state 11"),
)
OURS = (
    asyncpg.InterfaceError("the query expects 2 arguments"),
    asyncpg.UndefinedColumnError(),
    FileNotFoundError(2, "gone", "a file"),
)


async def test_a_database_that_is_away_or_has_no_room_is_asked_again_and_a_fault_of_ours_is_none(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_operator(street.pool)
    transport = httpx.ASGITransport(application(street.pool), raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {OPERATOR_KEY}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as client:
        for error in (*AWAY, *OURS):

            async def fail(*_: object, error: Exception = error) -> None:
                raise error

            monkeypatch.setattr(queries, "annex2", fail)
            answer = await client.get("/annex2?until=2021-06-30")
            again = answer.headers.get("retry-after")
            expected = (503, "5") if error in AWAY else (500, None)
            assert (answer.status_code, again) == expected, error


async def test_on_loopback_a_key_is_asked_for_too(street: Street) -> None:
    await street.read()
    async with _asking(street, "") as client:
        assert (await client.get("/ledgers/payments")).status_code == 401


async def test_whose_key_counts(street: Street) -> None:
    await street.read()
    key = await street.reader("李强")
    async with _asking(street, key) as client:
        assert (await client.get("/anomalies")).status_code == 200
        basic = {"Authorization": f"Basic {b64encode(f'any:{key}'.encode()).decode()}"}
        assert (await client.get("/anomalies", headers=basic)).status_code == 200, "as a browser sends it"
        kept, ended = timedelta(hours=1), timedelta()
        second = await renew_holder(street.pool, "李强", keep_former=kept)
        third = {"Authorization": f"Bearer {second}"}
        assert (await client.get("/anomalies")).status_code == 200, "the former key, for an hour"
        assert (await client.get("/anomalies", headers=third)).status_code == 200
        await renew_holder(street.pool, "李强", keep_former=ended)
        assert (await client.get("/anomalies", headers=third)).status_code == 401
        await make_operator(street.pool)
        operator = {"Authorization": f"Bearer {OPERATOR_KEY}"}
        assert (await client.get("/anomalies", headers=operator)).status_code == 200
        await revoke_holder(street.pool, "operator")
        assert (await client.get("/anomalies", headers=operator)).status_code == 401
        assert not await know_operator(street.pool, OPERATOR_KEY), "revoked is revoked"
        with pytest.raises(AccessError, match="renew or revoke"):
            await add_holder(street.pool, "李强", "reader")
    assert await street.pool.fetchval("SELECT count(*) FROM access.holder h WHERE h::text LIKE '%rd.%'") == 0


async def test_another_host_and_another_sites_page_are_refused(street: Street) -> None:
    await street.read()
    key = await street.reader()
    settings = ReportingSettings(hosts="dibao.example, DIBAO.internal")
    async with _asking(street, key, settings) as client:

        async def status(host: str, **headers: str) -> int:
            return (await client.get("/anomalies", headers={"Host": host, **headers})).status_code

        for host in ("localhost:8000", "127.0.0.1", "[::1]:99", "dibao.example", "dibao.internal:443"):
            assert await status(host) == 200, host
        for host in ("evil.example", "dibao.example.evil", "127.0.0.1.evil", ""):
            assert await status(host) == 421, host
        assert await status("localhost", Origin="https://evil.example") == 403
        assert await status("localhost", Origin="null") == 403
        assert await status("dibao.example", Origin="https://dibao.example") == 200


@asynccontextmanager
async def _asking(
    street: Street, key: str, settings: ReportingSettings | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(application(street.pool, settings))
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as client:
        yield client


async def test_the_first_page_links_no_other_site(client: httpx.AsyncClient) -> None:
    page = await client.get("/")
    assert "附件2" in page.text
    assert "://" not in page.text


async def test_receipt(street: Street) -> None:
    wrong = s.paid("2021-04", 5000)
    await street.log.state(wrong, receipt="r-2")
    await street.log.state(s.voided(wrong, household_no="H1"))
    await street.read()
    assert await queries.receipt_totals(street.pool, "r-1") == queries.ReceiptTotals("r-1", 8, 280000, 0, 0)
    assert await queries.receipt_totals(street.pool, "r-2") == queries.ReceiptTotals("r-2", 1, 5000, 1, 0)
    assert await queries.receipt_totals(street.pool, "r-3") == queries.ReceiptTotals("r-3", 0, 0, 0, 0)


async def test_the_reader_may_only_read(street: Street) -> None:
    async with street.pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL ROLE dibao_reader; SET LOCAL search_path TO projection_g1")
        assert await connection.fetchval("SELECT count(*) FROM payments_now") == 0
        assert not await connection.fetchval("SELECT has_table_privilege('fact', 'INSERT, UPDATE, DELETE')")
    assert (await queries.annex2(street.pool, date(2021, 12, 31))).total["A1h"] == 0
