"""From announcements to notices, in PostgreSQL."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from projections.notices import part_of
from projections.schema import PIPELINE, POSITIONS
from services.alerting.subscription import STREAM, Bounds, Wanted
from services.platform.offsets import set_position
from tests.services.alerting.office import HERE, NOW, THERE, Office, anomaly_of, finding


async def test_a_finding_is_told_in_chinese_without_anybodys_name(office: Office) -> None:
    number = await office.subscribe()
    await office.announce(finding(1))
    await office.settle()
    [told] = await office.notices(number)
    assert told["title"] == "村(社区)不明：大额支付（新增）"
    assert told["subject"] == "household:H1"
    [said] = told["findings"]
    assert said["sentence"].startswith("H1户")
    assert said["link"] == f"https://dibao.example.cn/pages/anomalies/{anomaly_of(1)}"
    assert (await office.notices(STREAM))[0]["findings"] == told["findings"], "and on the stream"


async def test_of_one_subject_one_notice_with_the_latest_of_each_anomaly(office: Office) -> None:
    number = await office.subscribe()
    await office.announce(finding(1), finding(1, "revised", 2, severity="high"))
    await office.step()
    await office.announce(finding(1, "withdrawn", 3))
    await office.announce(finding(2, subject="household:H1"))
    await office.settle()
    [told] = await office.notices(number)
    assert (told["announcements"], told["findings_count"]) == (4, 2)
    assert [(one["verb"], one["revision"]) for one in told["findings"]] == [("withdrawn", 3), ("raised", 1)]


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (Wanted(), [1, 2, 3]),
        (Wanted(rules=frozenset({"petition-overdue"})), [2]),
        (Wanted(severities=frozenset({"high", "low"})), [3]),
        (Wanted(verbs=frozenset({"withdrawn"})), [3]),
        (Wanted(programmes=frozenset({"tekun"})), [2]),
        (Wanted(area=HERE[:9]), [1]),
        (Wanted(area=HERE[:9], verbs=frozenset({"withdrawn"})), []),
    ],
)
async def test_only_what_is_wanted_is_told(office: Office, wanted: Wanted, told: list[int]) -> None:
    number = await office.subscribe(wanted=wanted)
    await office.announce(
        finding(1),
        finding(2, rule="petition-overdue", key={"programme": "tekun"}),
        finding(3, "withdrawn", severity="high"),
    )
    await office.pool.execute(
        "UPDATE alerting.announcement SET village = $1 WHERE subject = 'household:H1'", HERE
    )
    await office.settle()
    subjects = [one["subject"] for one in await office.notices(number)]
    assert subjects == [f"household:H{one}" for one in told]


async def test_nothing_is_told_before_the_projector_has_read_it(office: Office) -> None:
    """Only then is known where the household lives, and the page there that the notice leads to."""
    number = await office.subscribe()
    records = await office.log.state(finding(1), finding(2))
    await office.take(records)
    assert (await office.step(60)).behind
    first = records[0]
    async with office.pool.acquire() as connection:
        await set_position(
            connection, PIPELINE, POSITIONS, {(first.topic, first.partition): first.offset + 1}
        )
    await office.step(60)
    assert (await office.step(60)).behind
    assert [one["subject"] for one in await office.notices(number)] == ["household:H1"]
    await office.read()
    await office.settle()
    assert len(await office.notices(number)) == 2


async def test_an_import_of_four_years_is_one_digest(office: Office) -> None:
    number = await office.subscribe()
    for batch in range(20):
        await office.announce(*(finding(101 * batch + one) for one in range(101)))
        await office.step(30)
    await office.settle()
    [told] = await office.notices(number)
    assert (told["kind"], told["announcements"]) == ("digest", 2020)
    assert told["title"] == "村(社区)不明：2026年3月2日预警变化2020条"
    assert told["counts"] == [
        {
            "village": None,
            "village_name": "村(社区)不明",
            "rule": "large-payment",
            "title": "大额支付",
            "severity": "medium",
            "severity_name": "中",
            "verb": "raised",
            "verb_name": "新增",
            "count": 2020,
        }
    ]
    assert [one["announcements"] for one in await office.notices(STREAM)] == [2020]


async def test_prometheus_sees_findings_in_and_notices_out(office: Office) -> None:
    def counted(name: str, **labels: str) -> float:
        return REGISTRY.get_sample_value(f"dibao_alert_{name}_total", labels) or 0

    number = str(await office.subscribe(wanted=Wanted(verbs=frozenset({"raised"}))))
    before = counted("findings", subscription=number)
    singly = counted("told", subscription=number, kind="notice")
    together = counted("told", subscription=number, kind="digest")
    await office.announce(finding(1), finding(2, "withdrawn"), finding(1, "withdrawn", 2))
    await office.settle()
    await office.announce(*(finding(one) for one in range(10, 40)))
    await office.settle()
    assert counted("findings", subscription=number) - before == 31
    assert counted("told", subscription=number, kind="notice") - singly == 1
    assert counted("told", subscription=number, kind="digest") - together == 30


async def test_what_came_while_nobody_decided_is_one_digest(office: Office) -> None:
    """A restart after a weekend: what would have been notices over two days comes at once."""
    number = await office.subscribe()
    await office.announce(*(finding(one) for one in range(30)))
    office.now = NOW
    await office.settle()
    assert [one["kind"] for one in await office.notices(number)] == ["digest"]


async def test_a_digest_is_told_a_village_and_day(office: Office) -> None:
    number = await office.subscribe("所长", "digest", "office@example.gov.cn")
    await office.announce(*(finding(one) for one in range(6)))
    await office.pool.execute(
        "UPDATE alerting.announcement SET village = CASE WHEN subject < 'household:H3' THEN $1 ELSE $2 END",
        HERE,
        THERE,
    )
    await office.step(3600)
    await office.announce(finding(7))
    await office.settle()
    told = await office.notices(number)
    assert [(one["kind"], one["announcements"]) for one in told] == [
        ("digest", 3),
        ("digest", 3),
        ("digest", 1),
    ]
    assert {count["village"] for count in told[0]["counts"]} == {HERE}
    assert office.now.isoformat() == "2026-03-03T00:00:00+08:00"


async def test_a_part_of_a_digest_is_what_lies_in_the_area(office: Office) -> None:
    await office.announce(*(finding(one) for one in range(130)))
    await office.pool.execute(
        "UPDATE alerting.announcement SET village = CASE WHEN subject < 'household:H2' THEN $1 ELSE $2 END",
        HERE,
        THERE,
    )
    await office.settle()
    [told] = await office.notices(STREAM)
    part = part_of(told, HERE[:9])
    assert part is not None
    here = sum(f"household:H{one}" < "household:H2" for one in range(130))
    assert part["announcements"] == here
    assert {one["village"] for one in part["counts"]} == {HERE}
    assert part_of(told, "110101") is None


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 10_000))
async def test_each_finding_is_told_once_in_any_batches_and_orders_and_however_often(
    office: Office, seed: int
) -> None:
    chance = random.Random(seed)
    number = await office.subscribe(f"订阅 {seed} {chance.random()}", bounds=Bounds(most=5))
    base = 1000 * (1 + await office.pool.fetchval("SELECT count(*) FROM alerting.announcement"))
    raws = [
        finding(base + one, verb, revision)
        for one in range(chance.randint(1, 12))
        for revision, verb in enumerate(("raised", "revised", "withdrawn")[: chance.randint(1, 3)], 1)
    ]
    records = await office.log.state(*raws)
    handed = records + chance.choices(records, k=chance.randint(0, 20))
    chance.shuffle(handed)
    while handed:
        size = chance.randint(1, 8)
        batch, handed = handed[:size], handed[size:]
        await office.take(batch)
        if chance.random() < 0.5:
            await office.read()
        if chance.random() < 0.7:
            await office.step(chance.choice([0, 1, 20, 400, 4000]))
    await office.read()
    await office.settle()
    told = await office.pool.fetch(
        "SELECT i.event_id, count(n.place) AS notices FROM alerting.item AS i"
        " LEFT JOIN alerting.notice AS n ON n.place = i.notice WHERE i.subscription = $1 GROUP BY 1",
        number,
    )
    assert {row["event_id"] for row in told} == {record.event.event_id for record in records}
    assert {row["notices"] for row in told} == {1}
    assert sum(one["announcements"] for one in await office.notices(number)) == len(records)


async def test_it_works_in_its_own_role(office: Office, in_its_role: Office) -> None:
    number = await office.subscribe()
    await office.log.state(finding(1))
    await in_its_role.take(office.log.records)
    await in_its_role.read()
    await in_its_role.settle()
    assert len(await in_its_role.notices(number)) == 1
