"""Fillers are no values: missing where one is required, and nothing at all where none is."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from events.catalogue import BY_TYPE
from events.digest import canonical_content
from events.examples import examples_of
from events.fillers import FILLERS, is_filler, without_fillers
from events.values import AccountNumber, FreeText, IdNumber, Label, Name, Number

SIGNS = [
    *("/", "\\", "-", "—", "——", "--", "---", ".", "...", "…", "、", "*", "***", "?", "？", "__", "～"),
    *("0", "00", "000000000000", "０", "0000-00-00", "0.00", "×", "□□"),
]
WORDS = [
    "nan",
    "NaN",
    "NULL",
    "null",
    "None",
    "N/A",
    "n/a",
    "#N/A",
    "Ｎ／Ａ",
    "无",
    "無",
    "不详",
    "不祥",
    "未知",
]


@pytest.mark.parametrize("text", [*SIGNS, *WORDS, *sorted(FILLERS), " 无 ", "　—　"])
def test_a_filler_is_one_in_any_dress(text: str) -> None:
    assert is_filler(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "金", "吴", "零", "〇", "吾", "Nancy", "娜", "1", "10", "0x1F", "LZ0000", "00012", "A-0"),
        *(
            "无锡市民政局",
            "无异议",
            "待定办",
            "空军医院",
            "未知社区2组",
            "不详见附件",
            "C/O",
            "1/2",
            "一",
            "X",
        ),
    ],
)
def test_what_says_something_is_none(text: str) -> None:
    assert not is_filler(text)


@pytest.mark.parametrize("kind", [Number, Label, Name, FreeText, AccountNumber, IdNumber])
@pytest.mark.parametrize("text", ["无", "NULL", "nan", "/", "—", "0000", "不详"])
def test_a_filler_is_no_value_of_any_kind(kind: Any, text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter[str](kind).validate_python(text)
    assert [error["type"] for error in caught.value.errors()] == ["value-required"]


BEGUN = datetime(2021, 6, 28, tzinfo=UTC)


def model_of(name: str) -> type[BaseModel]:
    return BY_TYPE[f"dibao.{name}.v1"].readable


def example(name: str) -> dict[str, Any]:
    """The data of the contract's example of a type."""
    context = name.partition(".")[0]
    return next(fact["data"] for fact in examples_of(context) if fact["type"] == f"dibao.{name}.v1")


@pytest.mark.parametrize(
    ("name", "given", "left"),
    [
        ("payments.paid", {"division": "/"}, {}),
        ("enrollment.enrolled", {"application_no": "无"}, {}),
        ("enrollment.exited", {"found_on": "0000-00-00"}, {}),
        ("enrollment.exited", {"found_on": "—"}, {}),
        ("enrollment.investigated", {"investigators": ["无"], "findings": "无"}, {}),
        ("enrollment.investigated", {"investigators": ["无", "GB01"]}, {"investigators": ["GB01"]}),
        ("petitions.filed", {"petitioner": {"name": "不详", "id_number": "无"}}, {}),
        ("custody.handed_over", {"witness": {"name": "/", "id_number": None, "local_no": "/"}}, {}),
    ],
)
def test_a_filler_in_a_field_that_need_not_be_there_is_nothing(
    name: str, given: dict[str, Any], left: dict[str, Any]
) -> None:
    base = {field: value for field, value in example(name).items() if field not in given}
    cleaned = without_fillers(model_of(name), {**base, **given})
    assert cleaned == {**base, **left}
    entry = BY_TYPE[f"dibao.{name}.v1"]
    assert entry.readable.model_validate_json(orjson.dumps(cleaned))


def test_with_a_filler_it_is_the_same_fact_as_without() -> None:
    entry, data = BY_TYPE["dibao.payments.paid.v1"], example("payments.paid")
    account = {field: value for field, value in data["account"].items() if field != "bank"}
    contents = set()
    for dressed in (account, account | {"bank": "无"}, account | {"bank": None}, account | {"bank": "N/A"}):
        cleaned = without_fillers(entry.readable, {**data, "account": dressed})
        fact = entry.readable.model_validate_json(orjson.dumps(cleaned))
        contents.add(canonical_content(entry.name, BEGUN, fact))
    assert len(contents) == 1


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("payments.paid", {"household_no": "无"}),
        ("payments.paid", {"programme": "无"}),
        ("policy.adopted", {"value": 0}),
        ("policy.adopted", {"value": "无"}),
        ("enrollment.compared", {"amount_fen": "0"}),
        ("enrollment.compared", {"amount_fen": "无"}),
        ("campaign.circulated", {"consented": "无"}),
        ("campaign.met", {"bodies": ["无"]}),
        ("campaign.met", {"what the type does not have": "无"}),
    ],
)
def test_what_is_required_or_not_written_in_words_stays_to_be_judged(
    name: str, given: dict[str, Any]
) -> None:
    data = {**example(name), **given}
    assert without_fillers(model_of(name), data) == data


def test_data_that_are_no_object_are_left_as_they_are() -> None:
    assert without_fillers(model_of("payments.paid"), ["无"]) == ["无"]
