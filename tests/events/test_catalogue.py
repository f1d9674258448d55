"""The catalogue: every type has both forms, a topic, a key, and says what is sealed."""

from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from events.catalogue import BY_TYPE, TYPES, UPSTREAM_CONTEXTS, log_topic
from events.digest import canonical_content, digest_of

PAID = b"""{"payment_no":"P1","household_no":"H1","programme":"rural_dibao","month":"2021-06",
"paid_on":"2021-06-28","amount_fen":46300,"kind":"regular","batch_no":"B1",
"account":{"number":"6217 0000 0000 7922","holder_name":"\xe9\x87\x91\xe5\x92\x8c\xe4\xb9\x89"}}"""


def test_every_upstream_context_has_a_void() -> None:
    for context in UPSTREAM_CONTEXTS:
        assert f"dibao.{context}.voided.v1" in BY_TYPE


def test_topics_are_one_a_context() -> None:
    assert log_topic("dibao", BY_TYPE["dibao.payments.paid.v1"].context) == "dibao.payments"


@pytest.mark.parametrize(
    ("event_type", "protected"),
    [
        ("dibao.payments.paid.v1", {"account"}),
        ("dibao.enrollment.enrolled.v1", {"members.*.person", "account"}),
        ("dibao.enrollment.exited.v1", {"members.*"}),
        ("dibao.custody.granted.v1", {"beneficiary", "custodian", "account_number"}),
        ("dibao.petitions.filed.v1", {"petitioner", "matter"}),
        ("dibao.policy.adopted.v1", set()),
    ],
)
def test_what_is_sealed(event_type: str, protected: set[str]) -> None:
    assert {".".join(field.path) for field in BY_TYPE[event_type].protected} == protected


def test_types_without_personal_data_have_one_form() -> None:
    """But for the calendar's void: upstream takes its reason from a list, dibao's own closer has words."""
    of_two_forms = {entry.name for entry in TYPES if entry.readable is not entry.model}
    protected = {entry.name for entry in TYPES if entry.protected}
    assert of_two_forms == protected | {"dibao.calendar.voided.v1"}
    assert "dibao.calendar.voided.v1" not in protected


def test_what_is_unique_is_always_stated_and_shown_to_all() -> None:
    for entry in TYPES:
        for name in entry.unique:
            field = entry.readable.model_fields[name]
            assert field.is_required() and field.alias is None, f"{entry.name}: {name}"
            assert name not in {spot.path[0] for spot in entry.protected}, f"{entry.name}: {name}"


def test_a_number_begins_its_life_in_one_place_of_a_context() -> None:
    begins: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for entry in TYPES:
        if entry.unique:
            begins.setdefault((entry.context, entry.unique), []).append(entry.name)
    # A person is listed, a household is checked: one series of numbers for both.
    assert [names for names in begins.values() if len(names) > 1] == [
        ["dibao.screening.listed.v1", "dibao.screening.household_checked.v1"]
    ]
    assert BY_TYPE["dibao.payments.paid.v1"].unique == ("payment_no",)
    assert BY_TYPE["dibao.enrollment.enrolled.v1"].unique == ("household_no", "programme", "from_month")
    # It is stated twice: as pending, and when it was looked into.
    assert BY_TYPE["dibao.enrollment.compared.v1"].unique == ()


def test_the_business_date_is_the_field_or_the_day_in_china() -> None:
    entry = BY_TYPE["dibao.payments.paid.v1"]
    late = datetime(2021, 12, 31, 23, tzinfo=UTC)
    assert entry.business_date_of(entry.readable.model_validate_json(PAID), late) == date(2021, 6, 28)
    changed = BY_TYPE["dibao.enrollment.account_changed.v1"]
    fact = changed.readable.model_validate_json(
        b'{"household_no":"H1","programme":"tekun","from_month":"2021-01",'
        b'"account":{"number":"62170000","holder_name":"x"}}'
    )
    assert changed.business_date_of(fact, late) == date(2022, 1, 1)


def test_the_digest_sees_content_not_dress() -> None:
    entry = BY_TYPE["dibao.payments.paid.v1"]
    time = datetime(2021, 6, 28, tzinfo=UTC)
    one = entry.readable.model_validate_json(PAID)
    same = entry.readable.model_validate_json(PAID.replace(b"6217 0000 0000 7922", b"6217000000007922"))
    other = entry.readable.model_validate_json(PAID.replace(b"46300", b"46301"))
    digests = [digest_of(b"k", canonical_content(entry.name, time, fact)) for fact in (one, same, other)]
    assert digests[0] == digests[1] != digests[2]
    assert len(digests[0]) == 32


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ((b"46300", b'"46300"'), "amount_fen"),
        ((b"46300", b"0"), "amount_fen"),
        ((b"46300", b"true"), "amount_fen"),
        ((b"46300", b"463.0001"), "amount_fen"),
        ((b"2021-06-28", b"1624838400"), "paid_on"),
        ((b'"2021-06-28"', b"1624838400"), "paid_on"),
        ((b'"2021-06"', b'"2021-13"'), "month"),
        ((b"regular", b"irregular"), "kind"),
        ((b'"batch_no":"B1"', b'"batch_nr":"B1"'), "batch_no"),
        ((b'"P1"', b'""'), "payment_no"),
        ((b'"number"', b'"nummer"'), "account.number"),
    ],
)
def test_a_wrong_value_names_its_field(change: tuple[bytes, bytes], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        BY_TYPE["dibao.payments.paid.v1"].readable.model_validate_json(PAID.replace(*change))
    assert field in {".".join(map(str, error["loc"])) for error in caught.value.errors()}


def test_one_and_one_point_zero_are_the_same_policy_value() -> None:
    entry = BY_TYPE["dibao.policy.adopted.v1"]
    time = datetime(2018, 1, 1, tzinfo=UTC)
    text = b'{"parameter":"large_payment.multiple","value":1.0,"from":"2018-01-01","document":"x"}'
    one, same, other = (
        canonical_content(entry.name, time, entry.readable.model_validate_json(text.replace(b"1.0", value)))
        for value in (b"1.0", b"1", b"1.05")
    )
    assert one == same != other
