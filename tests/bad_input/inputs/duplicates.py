"""The same again, and something else under the same id: who came first must not matter."""

from typing import Any

from tests.bad_input.good import good_event
from tests.bad_input.table import (
    ARRAY,
    CSV,
    EVENT_WAYS,
    KAFKA,
    LINES,
    NDJSON,
    ROW_WAYS,
    SINGLE,
    XLSX,
    Change,
    InputClass,
    Step,
    Steps,
    Way,
    except_by,
    given,
    put,
)

_AMOUNT: Change = put("data.amount_fen", 54001)
_OTHER: dict[Way, Any] = {CSV: {"金额": "540.01"}, XLSX: {"金额": "540.01"}}
_ACROSS = except_by("its rows are in the input beside", *ROW_WAYS)


def _returned(fact: dict[str, Any]) -> None:
    other = good_event("dibao.payments.returned.v1", fact["id"], fact["source"])
    fact.clear()
    fact.update(other)


def _told(way: Way, *statuses: Any) -> Any:
    return () if way is KAFKA else statuses


def _one_by_one(way: Way, first: Any, second: Any, *statuses: Any) -> Steps:
    versions = 2 if "set_aside" in statuses else 1
    told = [_told(way, status) for status in statuses]
    return Steps(versions, (Step(way, told[0], (first,)), Step(way, told[1], (second,))))


def _other(way: Way) -> Any:
    return _OTHER.get(way, _AMOUNT)


def _of_two_contexts(way: Way) -> Steps:
    return Steps(
        2,
        (
            Step(way, _told(way, "accepted")),
            Step(way, _told(way, "set_aside"), type="dibao.vitals.died.v1"),
        ),
    )


_BATCHES = (ARRAY, LINES, NDJSON, CSV, XLSX)
_NOT_A_BATCH = except_by("it takes one at a time", SINGLE, KAFKA)

DUPLICATES = InputClass(
    "duplicates and conflicts",
    (
        given("the same again", *(_one_by_one(way, None, None, "accepted", "repeated") for way in Way)),
        given("the same twice at once",
            *(Steps(1, (Step(way, ("accepted", "repeated"), (None, None)),)) for way in _BATCHES),
            not_by=_NOT_A_BATCH),
        given("the same by every way, one after the other",
            Steps(1, (Step(KAFKA, ()), *(Step(way, ("repeated",)) for way in Way if way is not KAFKA)))),
        given("another amount under the same id",
            *(_one_by_one(way, None, _other(way), "accepted", "set_aside") for way in Way)),
        given("another amount under the same id at once",
            *(Steps(2, (Step(way, ("set_aside", "set_aside"), (None, _other(way))),)) for way in _BATCHES),
            not_by=_NOT_A_BATCH),
        given("another amount by another way",
            Steps(2,
                (Step(XLSX, ("accepted",)), Step(KAFKA, (), (_AMOUNT,)),
                    Step(SINGLE, ("set_aside",), (_AMOUNT,)), Step(ARRAY, ("set_aside",)),
                    Step(LINES, ("set_aside",)), Step(NDJSON, ("set_aside",)),
                    Step(CSV, ("set_aside",), (_OTHER[CSV],))))),
        given("three versions",
            Steps(3,
                (Step(SINGLE, ("accepted",)), Step(SINGLE, ("set_aside",), (_AMOUNT,)),
                    Step(SINGLE, ("set_aside",), (put("data.month", "2021-05"),)))),
            not_by=except_by("as one event", ARRAY, LINES, NDJSON, KAFKA, *ROW_WAYS)),
        given("the same id for a fact of another type",
            *(_one_by_one(way, None, _returned, "accepted", "set_aside") for way in EVENT_WAYS),
            not_by=_ACROSS),
        given("the same id for a fact of another context", *(_of_two_contexts(way) for way in Way)),
        given("the same fact in another dress, which is the same",
            *(
                _one_by_one(way, None, put("data.account.number", "6217 0000-0000 7922"), "accepted",
                    "repeated") for way in EVENT_WAYS),
            *(
                _one_by_one(way, None,
                    {"账号": "６２１７ 0000-0000 7922", "金额": "540元", "到账日": "2021年6月28日"},
                    "accepted", "repeated") for way in ROW_WAYS)),
        given("the same instant in another zone, which is the same",
            *(
                _one_by_one(way, None, put("time", "2021-06-28T01:30:00Z"), "accepted",
                    "repeated") for way in EVENT_WAYS),
            *(
                _one_by_one(way, None, {"发生时间": "2021-06-28 01:30Z"}, "accepted",
                    "repeated") for way in ROW_WAYS)),
    ),
)  # fmt: skip
