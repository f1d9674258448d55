"""What a source is told of conflicts and voids is what the ledgers have: one test a story, on one intake."""

import base64
import json
from typing import Any

import asyncpg
import pytest

from events.envelope import event_id_of
from services.intake.context import Intake
from services.intake.differences import differing
from services.intake.masks import mask, masks_apart
from services.intake.sources import SourceError, add_source
from services.platform.settings import Settings
from tests.services.intake.conftest import OpenIntake, client, read
from tests.services.intake.handing_over import payment
from tests.services.intake.uploads import PAID as ROW
from tests.services.intake.uploads import PAYMENTS, SOURCE, counts, csv_bytes, upload, with_cells


async def post(intake: Intake, *events: dict[str, Any]) -> list[dict[str, Any]]:
    """Hand events over as one batch; return what became of each."""
    async with client(intake) as http:
        answer = await http.post("/events", json=list(events))
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def ask(intake: Intake, serial: str, source: str | None = None) -> dict[str, Any]:
    """What became of a fact."""
    async with client(intake) as http:
        answer = await http.get("/receipts", params={"source": source or payment("")["source"], "id": serial})
    found: dict[str, Any] = answer.json()
    return found


def void(serial: str, by: str, digest: str | None = None) -> dict[str, Any]:
    """A void of a payment."""
    fact = payment(serial)
    own = {"source": fact["source"], "id": serial, "type": fact["type"], "reason": "录入错误"}
    data = {**fact["data"], **own, **({"digest": digest} if digest else {})}
    return {**fact, "id": by, "type": "dibao.payments.voided.v1", "data": data}


def codes(item: dict[str, Any]) -> tuple[str, str | None, list[str]]:
    """The status of an item, the code of its reason, and those of its warnings."""
    warned = [warning["code"] for warning in item.get("warnings", ()) if warning["field"] != "data.account"]
    reason = item.get("reason", {}).get("code")
    return item["status"], reason, [code for code in warned if code not in _OTHERS]


_OTHERS = ("card-check-digit", "number-used-twice", "unknown-village", "unknown-area-code")


async def test_a_conflict_that_a_void_has_settled_is_told_as_settled(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake = await open_context("payments")
    wrong, right = payment("Y1", 46300), payment("Y1", 50000)
    await post(intake, wrong)
    (item,) = await post(intake, right)
    assert codes(item) == ("set_aside", "content-differs", [])
    digest = {event.data.amount_fen: event.digest for event in await read(settings)}
    # Which digest is which, and where each of them came from.
    said = item["reason"]["detail"]
    assert f"另一版本的摘要{digest[46300]}" in said and f"本版本的摘要{digest[50000]}（回执" in said
    assert item["digests"] == sorted(digest.values())
    asked = await ask(intake, "Y1")
    assert (asked["status"], asked["reason"]["code"]) == ("set_aside", "versions-differ")

    assert codes((await post(intake, void("Y1", "V1", digest[46300])))[0]) == ("accepted", None, [])
    (again,) = await post(intake, right)
    assert codes(again) == ("repeated", None, ["other-version-voided"])
    (dead,) = await post(intake, wrong)
    assert codes(dead) == ("set_aside", "version-voided", [])
    assert digest[46300] in dead["reason"]["detail"] and digest[50000] in dead["reason"]["detail"]
    asked = await ask(intake, "Y1")
    assert (asked["status"], asked["voided"]) == ("accepted", [digest[46300]])
    assert "digests" not in asked

    # A third content is in conflict with the one that counts, and not with the one that is voided.
    (third,) = await post(intake, payment("Y1", 48000))
    assert codes(third) == ("set_aside", "content-differs", [])
    assert digest[50000] in third["digests"] and digest[46300] not in third["digests"]


async def test_a_voided_fact_is_said_to_be_dead_whatever_comes_under_its_id(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake = await open_context("payments")
    await post(intake, payment("D1"))
    assert codes((await post(intake, void("D1", "V1")))[0]) == ("accepted", None, [])
    same, corrected = await post(intake, payment("D1"), payment("D1", 999))
    assert codes(same) == codes(corrected) == ("set_aside", "voided", [])
    assert "已作废，不再计入；请用新的流水号上报" in same["reason"]["detail"]
    assert "digests" not in corrected
    asked = await ask(intake, "D1")
    assert (asked["status"], asked["reason"]["code"], len(asked["voided"])) == ("set_aside", "voided", 2)

    # A void may come before its fact: then nobody has it yet.
    assert codes((await post(intake, void("D2", "V2")))[0]) == ("accepted", None, ["void-target-unknown"])
    assert codes((await post(intake, payment("D2")))[0]) == ("set_aside", "voided", [])
    # Together they are repeated, as when a file comes again: nothing is to be mended.
    both = await post(intake, payment("D2"), void("D2", "V2"))
    assert [item["status"] for item in both] == ["repeated", "repeated"]
    # Nothing of it is new: a repeat of what is set aside puts nothing on the log.
    async with client(intake) as http:
        receipt = (await http.post("/events", json=[payment("D2"), payment("D1")])).json()["receipt"]
    assert (receipt["set_aside"], receipt["facts"], receipt["control_total_fen"]) == (2, 0, 0)


async def test_a_void_that_undoes_nothing_or_more_than_one_version_is_warned_of(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake = await open_context("payments")
    await post(intake, payment("W1"), payment("W2"), payment("W2", 200))
    unknown, first, again, of_both, same = await post(
        intake,
        void("W1", "V0", "0" * 32),
        void("W1", "V1"),
        void("W1", "V2"),
        void("W2", "V3"),
        void("W2", "V3"),
    )
    assert codes(unknown) == ("accepted", None, ["void-digest-unknown"])
    assert codes(first) == ("accepted", None, [])
    assert codes(again) == ("accepted", None, ["void-already"])
    assert codes(of_both) == ("accepted", None, ["void-all-versions"])
    assert "全部版本均已作废" in of_both["warnings"][0]["detail"]
    assert codes(same) == ("repeated", None, [])

    # A void whose own id has two contents undoes nothing.
    await post(intake, payment("W3"), void("W3", "V4"))
    assert (await ask(intake, "W3"))["status"] == "set_aside"
    other = void("W3", "V4")
    other["data"]["reason"] = "另一原因"
    assert codes((await post(intake, other))[0]) == ("set_aside", "void-differs", [])
    assert codes((await post(intake, payment("W3")))[0]) == ("repeated", None, [])
    assert (await ask(intake, "W3"))["status"] == "accepted"


async def test_a_row_that_repeats_one_version_voids_that_version_only(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake = await open_context("payments")
    wrong, right = ROW, with_cells(ROW, PAYMENTS, 到账日="2021-06-29")
    for row in (wrong, right):
        answer = await upload(intake, "a.csv", csv_bytes([PAYMENTS, row]))
    assert counts(answer) == (1, 0, 0, 0, 1)
    undone = csv_bytes([PAYMENTS, with_cells(wrong, PAYMENTS, 作废="是")])
    answer = await upload(intake, "void.csv", undone)
    assert (counts(answer), answer.json()["warned"]) == ((1, 1, 0, 0, 0), 0), answer.text
    facts = await read(settings)
    (voided,) = [event.data for event in facts if event.entry.void]
    by_day = {str(event.data.paid_on): event.digest for event in facts if not event.entry.void}
    assert voided.digest == by_day["2021-06-28"]
    assert (await ask(intake, "S1", SOURCE))["status"] == "accepted"
    assert counts(await upload(intake, "a.csv", csv_bytes([PAYMENTS, right]))) == (1, 0, 1, 0, 0)
    assert counts(await upload(intake, "void.csv", undone)) == (1, 0, 1, 0, 0)

    # One that repeats neither version undoes both, and says so; so does one that differs from what it undoes.
    third = with_cells(right, PAYMENTS, 金额="1.00")
    await upload(intake, "a.csv", csv_bytes([PAYMENTS, third]))
    other = with_cells(ROW, PAYMENTS, 金额="999.00", 作废="是")
    answer = await upload(intake, "void.csv", csv_bytes([PAYMENTS, other]))
    assert [warning["code"] for warning in answer.json()["warnings"]] == [
        "void-all-versions",
        "void-content-differs",
    ]
    unseen = with_cells(ROW, PAYMENTS, 流水号="NEVER", 作废="是")
    answer = await upload(intake, "void.csv", csv_bytes([PAYMENTS, unseen]))
    assert [warning["reason"] for warning in answer.json()["warnings"]] == [
        "第2行“流水号”：还没有收到过这个流水号，请核对；以后收到时将不计入"
    ]


async def test_a_batch_keeps_why_it_was_rejected_and_its_events_can_be_asked_after(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake = await open_context("payments")
    broken = payment("H3", 0)
    async with client(intake) as http:
        receipt = (await http.post("/events", json=[payment("H1"), broken])).json()["receipt"]
        kept = (await http.get(f"/receipts/{receipt['id']}")).json()
        await http.post("/events", json=payment("H4", 0))
    assert [(said["row"], said["column"], said["code"]) for said in kept["rejects"]] == [
        (2, "data.amount_fen", "more-than")
    ]
    assert kept["rejects"][0]["reason"] == "H3 data.amount_fen：应大于0"
    asked = await ask(intake, "H3")
    assert (asked["status"], asked["rejection"]["receipt"]) == ("rejected", receipt["id"])
    assert [error["field"] for error in asked["rejection"]["errors"]] == ["data.amount_fen"]
    assert (await ask(intake, "H4"))["status"] == "rejected"
    own = await add_source(intake.pool, "/bank/other", ["payments"], ["*"])
    async with client(intake, own) as http:
        await http.post("/events", json=[payment("H5", 0)])
    assert (await ask(intake, "H5"))["errors"][0]["code"] == "record-unknown"


async def test_data_that_an_sdk_packed_as_base64_are_read(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake = await open_context("payments")
    plain = payment("B1")
    data = json.dumps(plain["data"], ensure_ascii=False).encode()
    packed = {name: value for name, value in plain.items() if name != "data"}
    packed["data_base64"] = base64.b64encode(data).decode()
    async with client(intake) as http:
        assert (await http.post("/events", json=packed)).json()["status"] == "accepted"
        assert (await http.post("/events", json=[plain])).json()["items"][0]["status"] == "repeated"
        both = await http.post("/events", json={**plain, "data_base64": packed["data_base64"]})
        for wrong in ("&&&", base64.b64encode(b"{").decode(), 7):
            refused = await http.post("/events", json={**packed, "data_base64": wrong})
            assert [error["code"] for error in refused.json()["errors"]] == ["base64-of-json"]
    assert [error["code"] for error in both.json()["errors"]] == ["data-once"]


async def test_a_source_that_nobody_registered_is_warned_of_where_others_are(
    settings: Settings, open_context: OpenIntake
) -> None:
    intake = await open_context("payments")
    assert codes((await post(intake, payment("U1")))[0]) == ("accepted", None, [])
    await add_source(intake.pool, "/bank/psbc", ["payments"], ["5001"])
    first, second = await post(intake, payment("U2"), payment("U3"))
    assert (codes(first)[2], codes(second)[2]) == (["source-unregistered"], [])
    below = await upload(intake, "a.csv", csv_bytes([PAYMENTS, ROW]))
    assert "source-unregistered" not in below.text
    typed = await upload(intake, "a.csv", csv_bytes([PAYMENTS, ROW]), source="/bank/pbsc/500102")
    assert [warning["code"] for warning in typed.json()["warnings"]][-1] == "source-unregistered"
    for name, area in [("clerk", "*"), ("/a", "50010"), ("/a", "500"), ("/a", "")]:
        with pytest.raises(SourceError):
            await add_source(intake.pool, name, ["payments"], [area])


async def test_a_void_is_in_force_where_its_own_id_has_one_version(database: str) -> None:
    from deploy.migrations import upgrade

    connection = await asyncpg.connect(database)
    upgrade(database)
    target, by = event_id_of("/a", "1"), event_id_of("/a", "v")
    try:
        await connection.execute("INSERT INTO intake.voided (event_id, void_id) VALUES ($1, $2)", target, by)
        assert await connection.fetchval("SELECT count(*) FROM intake.undone") == 0
        await connection.execute("INSERT INTO intake.seen (event_id, digest) VALUES ($1, 'a')", by)
        assert await connection.fetchval("SELECT digest FROM intake.undone") == b""
        await connection.execute("INSERT INTO intake.seen (event_id, digest) VALUES ($1, 'b')", by)
        assert await connection.fetchval("SELECT count(*) FROM intake.undone") == 0
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("46300", "48000"),
        ("463", "480"),
        ("2021-06-28", "2021-06-29"),
        ("P" * 30 + "1", "P" * 30 + "2"),
    ],
)
def test_two_values_that_differ_are_shown_apart_and_not_more_than_that(one: str, other: str) -> None:
    masked, masked_other = masks_apart(one, other)
    assert masked != masked_other
    for shown, whole, least in ((masked, one, mask(one)), (masked_other, other, mask(other))):
        assert sum(a != b for a, b in zip(shown, least, strict=True)) <= 1
        assert whole == least or "*" in shown


def test_values_that_would_look_alike_are_only_said_to_differ() -> None:
    one, other = "ab" + "x" * 30 + "yz", "ab" + "x" * 31 + "yz"
    assert differing({"note": one}, {"note": other}, {}, {})["note"] in [("", ""), masks_apart(one, other)]
    assert differing({"note": "ab"}, {"note": "ac"}, {}, {}) == {"note": ("", "")}
    assert differing({"note": "a\x00b\x01c"}, {"note": "a\x00b\x02c"}, {}, {}) == {"note": ("", "")}
