"""What stands on the log: tokens and match keys that a comparison needs, the rest sealed."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import asyncpg
import orjson
import pytest

from events.catalogue import TYPES, UPSTREAM_CONTEXTS
from events.codec import decode
from events.envelope import event_id_of
from events.examples import examples_of
from services.intake.envelope import read_event
from services.intake.horizon import Horizon
from services.intake.sources import OPERATOR
from services.platform.database import open_pool
from services.platform.keys import Keys
from services.platform.openings import Opener
from services.platform.protection import Message, Prepared, Protector, ReadableFact, Refusal, holds_id_number
from services.platform.settings import Family
from services.platform.vault import SealBrokenError, Vault, WrongKeyError, bound_to
from tests.services.platform.golden import FACTS, secrets_of

KEYS = Keys.of(bytes(range(32)))
PERSON = {"name": "白云飞", "id_number": "500102199209286028"}
ACCOUNT = {"number": "6217000000007922", "holder_name": "白云飞", "bank": "农商行"}
MORE: list[tuple[str, dict[str, Any]]] = [
    (
        "enrollment.members_changed",
        {
            "household_no": "H1",
            "programme": "tekun",
            "from_month": "2021-03",
            "added": [{"person": {"name": "何平", "local_no": "L-7"}, "relation": "子"}],
            "removed": [{"person": PERSON, "reason": "白云飞外出务工"}],
        },
    ),
    (
        "enrollment.entitlement_adjusted",
        {
            "household_no": "H1",
            "programme": "tekun",
            "from_month": "2021-03",
            "entitlement_fen": 100,
            "components": [{"person": PERSON, "entitlement_fen": 100}],
            "reason": "白云飞之子就业",
        },
    ),
    (
        "enrollment.account_changed",
        {"household_no": "H1", "programme": "tekun", "account": ACCOUNT, "from_month": "2021-03"},
    ),
    (
        "enrollment.exited",
        {
            "household_no": "H1",
            "programme": "tekun",
            "scope": "member",
            "members": [PERSON],
            "exit_kind": "other",
            "stop_month": "2021-03",
            "decided_on": "2021-02-20",
        },
    ),
    (
        "enrollment.voided",
        {
            "source": "/s",
            "id": "1",
            "type": "dibao.enrollment.enrolled.v1",
            "reason": "白云飞重复",
            "household_no": "H1",
            "members": [PERSON],
            "account": ACCOUNT,
        },
    ),
    (
        "custody.voided",
        {
            "source": "/s",
            "id": "1",
            "type": "dibao.custody.granted.v1",
            "reason": "白云飞未签字",
            "household_no": "H1",
            "custody_no": "C1",
            "beneficiary": PERSON,
            "custodian": PERSON,
            "account_number": "6217000000007922",
        },
    ),
    (
        "petitions.filed",
        {
            "petition_no": "P1",
            "household_no": "H1",
            "division": "500102008201",
            "filed_on": "2021-03-02",
            "channel": "来电",
            "kind": "request",
            "matter_code": "M1",
            "matter": "邻居白云飞反映",
        },
    ),
    (
        "petitions.closed",
        {"petition_no": "P1", "closed_on": "2021-03-09", "outcome": "settled", "evidence": "白云飞签收"},
    ),
    (
        "petitions.voided",
        {
            "source": "/s",
            "id": "1",
            "type": "dibao.petitions.filed.v1",
            "reason": "白云飞撤回",
            "petition_no": "P1",
            "petitioner": PERSON,
        },
    ),
    (
        "policy.voided",
        {
            "source": "/s",
            "id": "1",
            "type": "dibao.policy.adopted.v1",
            "reason": "白云飞录错",
            "parameter": "death.grace_months",
        },
    ),
]  # fmt: skip
EXTRA: list[dict[str, Any]] = [
    {
        "specversion": "1.0",
        "id": f"extra-{number}",
        "source": "/scenario/extra",
        "type": f"dibao.{name}.v1",
        "time": "2021-03-02T09:00:00+08:00",
        "data": data,
    }
    for number, (name, data) in enumerate(MORE)
]


@pytest.fixture
async def pool(migrated_database: str) -> AsyncIterator[asyncpg.Pool]:
    """A pool on an empty, migrated database."""
    async with await open_pool(migrated_database) as pool:
        yield pool


def readable(fact: dict[str, Any]) -> ReadableFact:
    """The fact, validated."""
    found = read_event(json.dumps(fact).encode(), OPERATOR, fact["type"].split(".")[1], Horizon.now(24))
    assert isinstance(found, ReadableFact), found
    return found


async def protect(protector: Protector, *facts: dict[str, Any]) -> list[Message | Refusal]:
    """The records of facts, or why there are none."""
    prepared = [protector.prepare(readable(fact)) for fact in facts]
    assert all(isinstance(item, Prepared) for item in prepared), prepared
    return await protector.protect([item for item in prepared if isinstance(item, Prepared)])


@pytest.mark.parametrize("family", ["international", "national"])
async def test_every_type_fits_its_log_model_and_shows_nobody(pool: asyncpg.Pool, family: Family) -> None:
    protector = Protector(KEYS, Vault(pool, KEYS, family=family), family)
    stated = {entry.name for entry in TYPES if entry.from_upstream}
    examples = [
        example
        for context in UPSTREAM_CONTEXTS
        for example in examples_of(context)
        if example["type"] in stated
    ]
    facts = FACTS + EXTRA + examples
    messages = await protect(protector, *facts)
    seen: set[str] = set()
    for fact, message in zip(facts, messages, strict=True):
        assert isinstance(message, Message), (fact["id"], message)
        event = decode(message.value, message.headers)
        event.entry.model.model_validate_json(message.value)  # strict: no field that the model lacks
        seen.add(event.type)
        assert event.event_id == event_id_of(fact["source"], fact["id"])
        assert message.key.decode() == event.entry.key_of(json.loads(message.value))
        shown = b"\n".join([message.key, message.value, *(value for _, value in message.headers)])
        for secret in secrets_of(fact["data"]):
            assert secret.encode() not in shown, (fact["type"], secret)
            assert orjson.dumps(secret)[1:-1] not in shown
    assert seen == {entry.name for entry in TYPES if entry.from_upstream}


@pytest.mark.parametrize("family", ["international", "national"])
async def test_what_is_sealed_opens_for_its_event_and_its_place_only(
    pool: asyncpg.Pool, family: Family
) -> None:
    vault = Vault(pool, KEYS, family=family)
    [message] = await protect(Protector(KEYS, vault), EXTRA[0])
    assert isinstance(message, Message)
    data, event_id = json.loads(message.value), str(message.event_id)
    removed = data["removed"][0]
    sealed, subject = removed["person"]["sealed"], removed["person"]["person_id"]

    assert json.loads(await vault.open(subject, event_id, "removed.0.person", sealed)) == PERSON
    text = await vault.open("household_no:H1", event_id, "removed.0.reason", removed["reason"])
    assert text.decode() == "白云飞外出务工"
    for other in [
        (subject, str(uuid4()), "removed.0.person"),
        (subject, event_id, "removed.1.person"),
        ("household_no:H1", event_id, "removed.0.person"),
    ]:
        with pytest.raises(SealBrokenError):
            await vault.open(*other, sealed)


async def test_destroying_a_salt_erases_what_was_sealed_under_it(pool: asyncpg.Pool) -> None:
    vault = Vault(pool, KEYS)
    [message] = await protect(Protector(KEYS, vault), EXTRA[0])
    assert isinstance(message, Message)
    person = json.loads(message.value)["removed"][0]["person"]
    await vault.erase(person["person_id"])
    with pytest.raises(SealBrokenError, match="erased"):
        await vault.open(person["person_id"], str(message.event_id), "removed.0.person", person["sealed"])


async def test_a_salt_that_another_process_destroyed_is_soon_used_no_more(pool: asyncpg.Pool) -> None:
    running, other = Vault(pool, KEYS, life_seconds=0.2), Vault(pool, KEYS)
    subject, event_id = "household_no:H1", str(uuid4())

    async def sealed() -> str:
        return (await running.sealers([subject]))[subject].seal(b"x", bound_to(event_id, "reason"))

    before = await sealed()
    await asyncio.sleep(0.3)
    renewed = await sealed()
    assert await other.open(subject, event_id, "reason", before) == b"x"
    assert await other.open(subject, event_id, "reason", renewed) == b"x"

    await other.erase(subject)
    await asyncio.sleep(0.3)
    after = await sealed()
    assert await other.open(subject, event_id, "reason", after) == b"x"
    for gone in (before, renewed):
        with pytest.raises(SealBrokenError):
            await other.open(subject, event_id, "reason", gone)


async def test_keys_are_kept_for_a_while_and_not_more_than_so_many(pool: asyncpg.Pool) -> None:
    vault = Vault(pool, KEYS, cached=2)
    for subject in ("a", "b", "a", "c"):
        await vault.sealers([subject])
    await pool.execute("TRUNCATE vault.salt")
    assert set(await vault.sealers(["a", "c"])) == {"a", "c"}
    assert await pool.fetchval("SELECT count(*) FROM vault.salt") == 0
    await vault.sealers(["b"])
    assert await pool.fetchval("SELECT array_agg(subject) FROM vault.salt") == ["b"]


@pytest.mark.parametrize("family", ["international", "national"])
async def test_equal_persons_meet_whatever_dress_their_number_comes_in(
    pool: asyncpg.Pool, family: Family
) -> None:
    protector = Protector(KEYS, Vault(pool, KEYS), family)
    plain = next(fact for fact in FACTS if fact["type"] == "dibao.vitals.died.v1")
    dressed = json.loads(json.dumps(plain))
    number = plain["data"]["person"]["id_number"]
    wide = {ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"}
    dressed["data"]["person"]["id_number"] = f" {number[:6]} {number[6:].translate(wide).lower()}"
    one, other = await protect(protector, plain, dressed)
    assert isinstance(one, Message) and isinstance(other, Message)
    assert (one.key, one.digest) == (other.key, other.digest)
    assert one.value != other.value  # sealing is randomised


async def test_a_local_number_means_somebody_within_its_source_only(pool: asyncpg.Pool) -> None:
    protector = Protector(KEYS, Vault(pool, KEYS))
    here = {**EXTRA[0], "source": "/a"}
    there = {**EXTRA[0], "source": "/b"}
    messages = await protect(protector, here, there)
    one, other = (json.loads(item.value) for item in messages if isinstance(item, Message))
    assert one["added"][0]["person"]["person_id"] != other["added"][0]["person"]["person_id"]
    assert one["removed"][0]["person"]["person_id"] == other["removed"][0]["person"]["person_id"]


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("data.household_no", lambda fact: fact["data"].update(household_no="H500102199209286028")),
        ("data.household_no", lambda fact: fact["data"].update(household_no="500102199209286028")),
        ("data.household_no", lambda fact: fact["data"].update(household_no="50010219661207163x-1")),
        ("data.account.bank", lambda fact: fact["data"]["account"].update(bank="110101199003078515")),
        ("id", lambda fact: fact.update(id="500102199209286028")),
        ("source", lambda fact: fact.update(source="/person/500102199209286028")),
        ("data.household_no", lambda fact: fact["data"].update(household_no="USA500085061502")),
        (
            "data.account.bank",
            lambda fact: fact["data"]["account"].update(bank="ＵＳＡ５０００８５０６１５０２"),
        ),
        ("id", lambda fact: fact.update(id="950840198506150018-1")),
    ],
)
async def test_an_id_number_where_all_can_see_it_is_refused(
    pool: asyncpg.Pool, field: str, change: Any
) -> None:
    fact = json.loads(json.dumps(EXTRA[2]))
    change(fact)
    [refusal] = await protect(Protector(KEYS, Vault(pool, KEYS)), fact)
    assert isinstance(refusal, Refusal)
    assert refusal.field == field
    assert refusal.code == "id-number-shown"


@pytest.mark.parametrize(
    "text",
    [
        *("500102199209286027", "500102199213286028", "990102199209286028", "2021-06-000123"),
        *("6217000000007922", "PSB202106000123", "XUSA500085061502", "USA5000850615081", "USA500085061507"),
    ],
)
def test_other_numbers_are_no_id_numbers(text: str) -> None:
    assert not holds_id_number(text.encode())


async def test_a_vault_of_another_key_is_refused(pool: asyncpg.Pool) -> None:
    await Vault(pool, KEYS).check()
    await Vault(pool, KEYS).check()
    with pytest.raises(WrongKeyError, match="DIBAO_MASTER_KEY_FILE"):
        await Vault(pool, Keys.of(bytes(32))).check()


@pytest.mark.parametrize(
    ("first", "later", "said"),
    [
        ("international", "national", "HMAC-SHA256.* asks for HMAC-SM3.* Set DIBAO_TOKENS=international"),
        ("national", "international", "HMAC-SM3.* asks for HMAC-SHA256.* Set DIBAO_TOKENS=national"),
    ],
)
async def test_tokens_are_made_for_ever_as_they_were_first(
    pool: asyncpg.Pool, first: Family, later: Family, said: str
) -> None:
    await Vault(pool, KEYS, family=first, tokens=first).check()
    with pytest.raises(WrongKeyError, match=said):
        await Vault(pool, KEYS, family=later, tokens=later).check()
    # What the sentence says helps: from now on values are sealed with the other algorithms.
    await Vault(pool, KEYS, family=later, tokens=first).check()


@pytest.mark.parametrize("family", ["international", "national"])
async def test_what_was_sealed_opens_after_others_seal(pool: asyncpg.Pool, family: Family) -> None:
    """A fact sealed by each family, opened by processes of either, by a fact's reader and by who asks."""
    before, after = (Vault(pool, KEYS, family=each) for each in ("international", "national"))
    opened = Vault(pool, KEYS, family=family)
    sealed = {}
    for vault in (before, after):
        [message] = await protect(Protector(KEYS, vault), EXTRA[0])
        assert isinstance(message, Message)
        person = json.loads(message.value)["removed"][0]["person"]
        sealed[person["sealed"].startswith("s1.sm4-gcm-sm3-")] = person
        place = str(message.event_id), "removed.0.person"
        assert json.loads(await opened.open(person["person_id"], *place, person["sealed"])) == PERSON
        opener = await Opener(pool, KEYS, "王芳", "核实").sealer(person["person_id"], "all")
        assert json.loads(opener.open(person["sealed"], bound_to(*place))) == PERSON
    assert sealed.keys() == {False, True}
    assert sealed[False]["person_id"] == sealed[True]["person_id"], "tokens are none of that setting's"
    # The salt is one for both: erasing leaves nothing readable, however it was sealed.
    await opened.erase(person["person_id"])
    for one in sealed.values():
        with pytest.raises(SealBrokenError, match="erased"):
            await opened.open(one["person_id"], *place, one["sealed"])


async def test_two_processes_that_meet_a_subject_first_agree_on_its_salt(pool: asyncpg.Pool) -> None:
    vaults = [Vault(pool, KEYS) for _ in range(4)]
    subjects = [f"household_no:{number}" for number in range(500)]
    found = await asyncio.gather(*(vault.sealers(subjects) for vault in vaults))
    for subject in subjects:
        sealed = found[0][subject].seal(b"x", b"here")
        assert all(sealers[subject].open(sealed, b"here") == b"x" for sealers in found)
    assert await pool.fetchval("SELECT count(*) FROM vault.salt") == 500
