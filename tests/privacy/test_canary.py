"""The scanner finds a canary wherever it is planted and however it is spelt, and nothing where none is."""

import asyncio
import base64
import json
import logging
import random
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer

from deploy.local import Stack
from services.platform.settings import Settings
from services.platform.topics import create_topics
from tests.privacy import places
from tests.privacy.scanner import Scanner, Secret, Sighting, secrets_of

ID_NUMBER = Secret("ID number", "500102195802153113")
OLD_ID_NUMBER = Secret("ID number", "500102580215311")
ACCOUNT = Secret("account number", "6217000000007922")
NAME = Secret("name", "阿依·古丽")
SHORT_NAME = Secret("name", "王䶮")
RARE_NAME = Secret("name", "李𠮷和")
TEXT = Secret("free text", "来信人说低保金被村干部代领，请求查清")
SECRETS = (ID_NUMBER, OLD_ID_NUMBER, ACCOUNT, NAME, SHORT_NAME, RARE_NAME, TEXT)

FORMS: dict[str, Callable[[str], bytes]] = {
    "plain": lambda text: f"说 {text} 了".encode(),
    "u escapes": lambda text: json.dumps({"x": "".join(text)}).encode(),
    "every character escaped": lambda text: "".join(f"\\u{ord(char):04x}" for char in text).encode(),
    "u escapes within JSON within JSON": lambda text: json.dumps(json.dumps(json.dumps(text))).encode(),
    "hex": lambda text: text.encode().hex().encode(),
    "HEX": lambda text: text.encode().hex().upper().encode(),
    "base64 after 0": lambda text: base64.b64encode(f"{text}!".encode()),
    "base64 after 1": lambda text: base64.b64encode(f"1{text}?~".encode()),
    "base64 after 2": lambda text: base64.b64encode(f"12{text}?~~".encode()),
    "base64url": lambda text: base64.urlsafe_b64encode(f"{{'{text}'}}".encode()).rstrip(b"="),
    "base64 of u escapes": lambda text: base64.b64encode(json.dumps([text]).encode()),
    "hex of UTF-16": lambda text: text.encode("utf-16-be").hex().encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "GB18030": lambda text: text.encode("gb18030"),
    "URL": lambda text: quote(text).encode(),
    "Python's bytes": lambda text: repr(text.encode()).encode(),
    "lower case": lambda text: text.lower().encode(),
    "full width": lambda text: "".join(
        chr(ord(char) + 0xFEE0) if char.isascii() and char.isalnum() else char for char in text
    ).encode(),
}

IN_TEXT = [name for name in FORMS if name not in ("UTF-16", "GB18030")]
TOO_SHORT = {("GB18030", SHORT_NAME), ("UTF-16", SHORT_NAME), ("hex of UTF-16", SHORT_NAME)}
"""Four bytes of a two-character name stand in any ciphertext by chance, so they are not looked for: the runs
that are scanned for such spellings use longer names."""

ESCAPE_BEYOND_THE_PLANE = ("every character escaped", RARE_NAME)
"""Five hex digits after ``\\u`` are no escape of any language."""


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner(SECRETS)


def found(sightings: list[Sighting]) -> set[Secret]:
    return {sighting.secret for sighting in sightings}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("secret", SECRETS, ids=lambda secret: secret.text)
def test_every_spelling_is_found(scanner: Scanner, form: str, secret: Secret) -> None:
    if (form, secret) in {*TOO_SHORT, ESCAPE_BEYOND_THE_PLANE}:
        return
    data = random.Random(1).randbytes(3001) + b" " + FORMS[form](secret.text) + b" " + bytes(3001)
    assert secret in found(scanner.look("a place", data))


def test_a_cut_text_and_a_cut_id_number_are_found(scanner: Scanner) -> None:
    assert found(scanner.look("a place", TEXT.text[:20].encode())) == {TEXT}
    assert found(scanner.look("a place", (ID_NUMBER.text[:14] + "****").encode())) == {ID_NUMBER}


def test_nothing_is_found_where_nothing_is(scanner: Scanner) -> None:
    chance = random.Random(7)
    for _ in range(40):
        data = chance.randbytes(20_000)
        for said in (data, data.hex().encode(), base64.b64encode(data), base64.urlsafe_b64encode(data)):
            assert scanner.look("noise", said) == []
    ordinary = "农村低保 500102008202 LZ0001 2021-06 6217****7922 金*义 500102********6028 提标 来信".encode()
    assert scanner.look("a report", ordinary) == []


def test_a_secret_too_short_to_be_told_is_refused() -> None:
    with pytest.raises(ValueError, match="longer"):
        Scanner([Secret("name", "王")])


def test_the_secrets_of_facts_are_known_by_their_fields() -> None:
    data = {
        "household_no": "LZ0001",
        "members": [{"person": {"name": NAME.text, "id_number": ID_NUMBER.text}, "relation": "本人"}],
        "account": {"number": ACCOUNT.text, "holder_name": SHORT_NAME.text, "bank": "农商行"},
        "removed": [{"person": {"name": RARE_NAME.text, "local_no": "17"}, "reason": TEXT.text}],
        "payment_no": "P1",
    }
    assert secrets_of(data) == set(SECRETS)


# --- every place ---


PREFIX = "canary"


@pytest.fixture(scope="module")
def planted(stack: Stack, scanner: Scanner) -> dict[str, Secret]:
    """What is found in topics where the n-th form is planted at offset n, by place."""

    async def plant_and_look() -> list[Sighting]:
        await create_topics(Settings(kafka=stack.kafka, topic_prefix=PREFIX, partitions=1))
        producer = AIOKafkaProducer(bootstrap_servers=stack.kafka, acks="all", linger_ms=5)
        await producer.start()
        try:
            for canary in FORMS.values():
                await producer.send(f"{PREFIX}.payments", canary(NAME.text), key=canary(ACCOUNT.text))
                headers = [("ce_id", b"1"), ("ce_subject", canary(TEXT.text))]
                await producer.send(f"{PREFIX}.vitals", b"{}", headers=headers)
                await producer.send(f"{PREFIX}.dlq", canary(ID_NUMBER.text))
                await producer.send(f"{PREFIX}.intake.payments", canary(NAME.text))
        finally:
            await producer.stop()
        places_found = places.records(stack.kafka, PREFIX)
        return [sighting async for place, data in places_found for sighting in scanner.look(place, data)]

    return {sighting.place: sighting.secret for sighting in asyncio.run(plant_and_look())}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "place, secret",
    [
        ("value of canary.payments", NAME),
        ("key of canary.payments", ACCOUNT),
        ("header ce_subject of canary.vitals", TEXT),
        ("value of canary.dlq", ID_NUMBER),
    ],
)
def test_topics(planted: dict[str, Secret], place: str, secret: Secret, form: str) -> None:
    assert planted[f"{place}, partition 0, offset {list(FORMS).index(form)}"] == secret


def test_intake_topics_alone_may_hold_personal_data(planted: dict[str, Secret]) -> None:
    assert len(planted) == 4 * len(FORMS)


@pytest.mark.parametrize("form", FORMS)
async def test_tables(database: str, scanner: Scanner, form: str) -> None:
    canary = FORMS[form]
    connection = await asyncpg.connect(database)
    try:
        await connection.execute(
            """
            create schema intake; create schema vault;
            create table intake.reject (id bigint, said text, row jsonb, raw bytea, words text[], old xml);
            create table vault.salt (said bytea);
            create table public.number (account bigint);
            """
        )
        await connection.execute("insert into vault.salt values ($1)", TEXT.text.encode())
        await connection.execute("insert into public.number values ($1)", int(ACCOUNT.text))
        await connection.execute("insert into intake.reject (id, raw) values (1, $1)", canary(NAME.text))
        if form in IN_TEXT:
            text = canary(ID_NUMBER.text).decode()
            await connection.execute("insert into intake.reject (id, said) values (2, $1)", text)
            await connection.execute(
                "insert into intake.reject (id, row) values (3, $1)", json.dumps({"a": [text]})
            )
            await connection.execute("insert into intake.reject (id, words) values (4, $1)", ["x", text])
    finally:
        await connection.close()
    sightings = [
        sighting async for place, data in places.cells(database) for sighting in scanner.look(place, data)
    ]
    by_place = {sighting.place: sighting.secret for sighting in sightings}
    expected = {"intake.reject.raw": NAME, "public.number.account": ACCOUNT}
    if form in IN_TEXT:
        expected |= {f"intake.reject.{column}": ID_NUMBER for column in ("said", "row", "words")}
    assert by_place == expected


@pytest.mark.parametrize("form", IN_TEXT)
def test_log_lines(tmp_path: Path, scanner: Scanner, form: str) -> None:
    handler = logging.FileHandler(tmp_path / "payments.log", encoding="utf-8")
    logger = logging.getLogger(f"canary.{form}")
    logger.addHandler(handler)
    logger.warning("refused: nothing")
    logger.warning("refused: %s", FORMS[form](NAME.text).decode())
    handler.close()
    sightings = scanner.look_all(places.lines(tmp_path))
    assert {(sighting.place, sighting.secret) for sighting in sightings} == {("payments.log, line 2", NAME)}
