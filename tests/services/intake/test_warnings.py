"""What is accepted with a doubt, and where that is said."""

from typing import Any

import orjson
import pytest
from stdnum import luhn

from events.examples import examples_of
from events.id_numbers import id_check_digit
from services.intake.envelope import read_event
from services.intake.horizon import Horizon
from services.intake.sentences import say
from services.intake.sources import OPERATOR
from services.intake.warnings import warnings_of
from services.platform.protection import ReadableFact
from tests.services.intake.conftest import OpenIntake, client
from tests.services.intake.uploads import DEATHS, DIED, csv_bytes, upload, with_cells, xlsx_bytes

CARD = "the number of a bank card (62…, 16 to 19 digits) whose check digit (Luhn) is right"
AREA = "an ID number whose first six digits are or were an area code"


def id_number(first_17: str) -> str:
    """An ID number with its check digit."""
    return first_17 + id_check_digit(first_17)


def card(number: str) -> str:
    """A card number with its check digit."""
    return number + str(luhn.calc_check_digit(number))


def example(name: str, **changes: Any) -> dict[str, Any]:
    """An example of the catalogue with other values in its data."""
    found = next(item for item in examples_of(name.split(".")[0]) if item["type"] == f"dibao.{name}.v1")
    return found | {"data": found["data"] | changes}


def warned(event: dict[str, Any]) -> list[tuple[str, str]]:
    """The warnings about an event that is accepted."""
    context = event["type"].split(".")[1]
    fact = read_event(orjson.dumps(event), OPERATOR, context, Horizon.now(24))
    assert isinstance(fact, ReadableFact), fact
    return [(item.field, item.sentence.english) for item in warnings_of(fact)]


@pytest.mark.parametrize(
    ("number", "doubted"),
    [
        ("500102197406050752", False),  # 涪陵区 since 1997: given to people born before
        (id_number("51230119700101001"), False),  # 涪陵市, abolished
        (id_number("51232119500101001"), False),  # 涪陵县, abolished
        ("110105491231002", False),  # 15 digits
        (id_number("81000019700101001"), False),  # residents from Hong Kong
        (id_number("82000019700101001"), False),
        (id_number("83000019700101001"), False),
        (id_number("95084019700101001"), False),  # a foreigner's permanent residence card
        ("USA500070010100", False),  # an older one
        (id_number("81000119700101001"), True),
        (id_number("99999919700101001"), True),
        (id_number("50019919700101001"), True),
    ],
)
def test_an_area_code_that_no_list_has_is_a_doubt(number: str, doubted: bool) -> None:
    event = example("vitals.died", person={"name": "曹礼贵", "id_number": number}, died_on="2021-03-11")
    assert warned(event) == ([("data.person.id_number", AREA)] if doubted else [])


@pytest.mark.parametrize(
    ("number", "doubted"),
    [
        ("6217000000007922", True),
        (card("621700000000792"), False),
        (card("621799000000000001"), False),
        ("100010001000", False),  # a passbook
        ("6010000000150464", False),
        ("62170001", False),
    ],
)
def test_a_cards_check_digit_is_a_doubt_and_a_passbook_needs_none(number: str, doubted: bool) -> None:
    account = {"number": number, "holder_name": "白云飞"}
    event = example("payments.paid", account=account, division=None)
    assert warned(event) == ([("data.account.number", CARD)] if doubted else [])


@pytest.mark.parametrize(
    ("code", "paid_on", "doubted"),
    [
        ("500102008201", "2018-01-28", False),
        ("500102008007", "2018-01-28", True),
        ("500102008007", "2021-06-28", False),
        ("500102003001", "2021-06-28", True),
        ("500103001001", "2021-06-28", False),  # a district that the data does not have
    ],
)
def test_a_village_that_was_not_there_on_the_day_is_a_doubt(code: str, paid_on: str, doubted: bool) -> None:
    account = {"number": "100010001000", "holder_name": "白云飞"}
    event = example("payments.paid", division=code, paid_on=paid_on, account=account)
    expected = [("data.division", f"the code of a village that is known on {paid_on}")]
    assert warned(event) == (expected if doubted else [])


def test_every_place_of_a_fact_is_looked_at() -> None:
    wrong = id_number("99999919700101001")
    event = example("clues.transferred", cadres=[
        {"name": "牟定国", "id_number": "500102196802170532"}, {"name": "牟定邦", "id_number": wrong}
    ])  # fmt: skip
    assert warned(event) == [("data.cadres.1.id_number", AREA)]


async def test_http_says_it_item_by_item_and_the_receipt_counts(open_context: OpenIntake) -> None:
    intake = await open_context("vitals")
    good = example("vitals.died", division="500102008201")
    doubtful = example("vitals.died", division="500102003001") | {"id": "D-2"}
    async with client(intake) as http:
        alone = (await http.post("/events", json=doubtful)).json()
        batch = (await http.post("/events", json=[good, doubtful])).json()
        receipt = (await http.get(f"/receipts/{batch['receipt']['id']}")).json()
    expected = f"the code of a village that is known on {good['data']['died_on']}"
    said = [
        {
            "field": "data.division",
            "code": "unknown-village",
            "expected": expected,
            "detail": f"{good['data']['died_on']}时没有这个村(社区)代码，请核对",
        }
    ]
    assert (alone["status"], alone["warnings"]) == ("accepted", said)
    assert ["warnings" in item for item in batch["items"]] == [False, True]
    assert batch["items"][1]["warnings"] == said
    assert (receipt["warned"], receipt["accepted"], receipt["repeated"]) == (1, 1, 1)


async def test_a_file_says_it_by_row_and_its_rows_are_accepted(open_context: OpenIntake) -> None:
    wrong = id_number("99999919700101001")
    header = [*DEATHS, "区划代码"]
    rows = [
        [*with_cells(DIED, DEATHS, 流水号="D1"), "500102008201"],
        [*with_cells(DIED, DEATHS, 流水号="D2", 身份证号=wrong), "500102008999"],
    ]
    answer = await upload(await open_context("vitals"), "a.csv", csv_bytes([header, *rows]))
    assert answer.status_code == 202
    body = answer.json()
    assert (body["accepted"], body["rejected"], body["warned"]) == (2, 0, 1)
    assert sorted((item["row"], item["column"], item["reason"]) for item in body["warnings"]) == [
        (3, "区划代码", "第3行“区划代码”：2021-03-11时没有这个村(社区)代码，请核对"),
        (3, "身份证号", "第3行“身份证号”：身份证号前六位不是已知的区划代码，请核对"),
    ]
    assert wrong not in answer.text
    assert "500102008999" not in answer.text


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
async def test_a_header_of_no_template_is_named_by_its_column(open_context: OpenIntake, name: str) -> None:
    header = ["序号", *DEATHS[:-1], "做废", ""]
    rows = [["涪陵区死亡登记表"], header, ["1", *DIED[:-1], "是", ""]]
    content = csv_bytes(rows[1:]) if name.endswith("csv") else xlsx_bytes(rows)
    body = (await upload(await open_context("vitals"), name, content)).json()
    at = 1 if name.endswith("csv") else 2
    unread = {"masked": "", "code": "unread-column", "expected": say("unread-column").english}
    assert (body["accepted"], body["rejected"], body["warned"]) == (1, 0, 0)
    assert body["warnings"] == [
        {"row": at, "column": "列A“序号”", "reason": f"第{at}行列A“序号”：不在模板中，未读取", **unread},
        {"row": at, "column": "列H", "reason": f"第{at}行列H：不在模板中，未读取", **unread},
    ]


def test_several_names_in_place_of_one_are_a_doubt() -> None:
    petitioner = {"name": "金和义、赵大贵", "id_number": "500102197406050752"}
    found = warned(example("petitions.filed", petitioner=petitioner))
    assert found == [("data.petitioner.name", say("several-names").english)]
    assert warned(example("petitions.filed", petitioner={**petitioner, "name": "阿依古丽·买买提"})) == []
