"""Quarters over HTTP: listed, shown as they were reported, as files, and compared."""

from datetime import date
from io import BytesIO

import httpx
import openpyxl
import pytest

from services.reporting.quarterly.keeping import freeze
from services.reporting.quarterly.quarters import Frozen, Quarter
from tests.oracle import stating as s
from tests.services.reporting.conftest import Street

EARLY, LATE = s.relieved("2021-02-10"), s.relieved("2021-03-05")


@pytest.fixture
async def reported(street: Street, client: httpx.AsyncClient) -> Frozen:
    """The first quarter, reported before a grant of relief in it was known."""
    await street.log.state(EARLY)
    await street.log.close_day("2021-03-31")
    await street.read()
    found = await freeze(street.pool, Quarter(2021, 1), "rural_dibao", "王芳", "李强")
    await street.log.state(LATE)
    await street.read()
    return found


async def test_what_was_frozen_is_listed(client: httpx.AsyncClient, reported: Frozen) -> None:
    (row,) = (await client.get("/annex2/frozen")).json()["rows"]
    assert {name: row[name] for name in ("quarter", "number", "programme", "until", "as_of", "because")} == {
        "quarter": "2021Q1",
        "number": 1,
        "programme": "rural_dibao",
        "until": "2021-03-31",
        "as_of": "2021-03-31",
        "because": None,
    }
    assert (await client.get("/annex2/frozen?programme=urban_dibao")).json()["rows"] == []


async def test_a_quarter_as_it_was_reported(client: httpx.AsyncClient, reported: Frozen) -> None:
    for name in ("2021Q1", "2021Q1.1"):
        kept = (await client.get(f"/annex2/frozen/{name}")).json()
        assert (kept["cells"]["A3"], kept["prepared_by"], kept["checked_by"]) == (1, "王芳", "李强")
        assert kept["rows"][0]["village"] == "500102008201"
        assert kept["digest"] == reported.digest
    cell = (await client.get("/annex2/frozen/2021Q1?cell=A3")).json()
    assert (cell["count"], [row["serial"] for row in cell["rows"]]) == (1, [EARLY["id"]])
    assert (await client.get("/annex2", params={"until": "2021-03-31"})).json()["cells"]["A3"] == 2, "by now"


async def test_the_files_say_who_reported_it(client: httpx.AsyncClient, reported: Frozen) -> None:
    file = await client.get("/annex2/frozen/2021Q1.xlsx")
    assert file.headers["content-disposition"] == 'attachment; filename="annex2-rural_dibao-2021Q1.1.xlsx"'
    sheet = openpyxl.load_workbook(BytesIO(file.content)).active
    said = f"2021年第1季度（第1次定稿）；编制：王芳；审核：李强；摘要：{reported.digest[:16]}；未附日志存证"
    assert said in [cell.value for cell in sheet["A"]]
    paper = await client.get("/annex2/frozen/2021Q1.1.pdf")
    assert (paper.headers["content-type"], paper.content[:5]) == ("application/pdf", b"%PDF-")


async def test_then_and_now(client: httpx.AsyncClient, reported: Frozen) -> None:
    found = (await client.get("/annex2/compare?from=2021Q1&to=now&cell=A3")).json()
    assert (found["from"], found["to"], found["cell"]) == ("2021Q1.1", "now", "A3")
    assert {"code": "A3", "from": 1, "to": 2, "change": 1} in found["cells"]
    (change,) = found["changes"]
    assert (change["serial"], change["happened"], change["why"]) == (LATE["id"], "came", "recorded_later")
    assert change["business_date"] == date(2021, 3, 5).isoformat()


REFUSED = [
    ("/annex2/frozen/2021Q2", 404, "2021Q2 of rural_dibao was not frozen (`dibao annex2 freeze`)."),
    ("/annex2/frozen/2021Q1.2.pdf", 404, "2021Q1.2 of rural_dibao was not frozen (`dibao annex2 freeze`)."),
    ("/annex2/frozen/2021", 422, "quarter: expected a quarter such as 2021Q3, or one restatement"),
    ("/annex2/frozen/2021Q1?cell=B9", 404, "B9: 未接入"),
    ("/annex2/compare?from=2021Q1&to=2021Q2", 404, "2021Q2 of rural_dibao was not frozen"),
    ("/annex2/compare?from=now&to=2021Q1", 422, "from: expected a quarter"),
    ("/annex2/compare?from=2021Q1", 422, "to: "),
    ("/annex2/compare?from=2021Q1&to=now&programme=x", 422, "programme: "),
]


async def test_a_wrong_question_is_refused_in_a_sentence(client: httpx.AsyncClient, reported: Frozen) -> None:
    for path, status, said in REFUSED:
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["detail"][: len(said)]) == (status, said), path
    for path in ("/annex2/frozen", "/annex2/frozen/2021Q1", "/annex2/compare?from=2021Q1&to=now"):
        assert (await client.get(path, headers={"Authorization": ""})).status_code == 401, path
