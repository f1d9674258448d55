"""Files as offices hand them over, and what intake answers."""

import csv
import io
from typing import Any

import httpx
import openpyxl

from services.intake.context import Intake
from tests.services.intake.conftest import client

SOURCE = "/bank/psbc/500102"
PAYMENTS = [
    "流水号", "发放编号", "户号", "救助类别", "发放月", "到账日", "金额(元)", "发放类型", "账号", "户名",
    "开户行", "集体账户", "批次", "作废",
]  # fmt: skip
PAID = ["S1", "P1", "H1", "农村低保", "2021-06", "2021-06-28", "463.00", "常规", "6217000000007922", "白云飞",
        "农商行", "", "B2021-06", ""]  # fmt: skip
DEATHS = ["流水号", "姓名", "身份证号", "死亡日期", "登记日期", "登记机关", "作废"]
DIED = ["D1", "曹礼贵", "500102196011093454", "2021-03-11", "2021-08-30", "涪陵区殡仪馆", ""]


def with_cells(row: list[str], header: list[str], **cells: str) -> list[str]:
    """The row with other cells."""
    changed = list(row)
    for name, value in cells.items():
        changed[[title.split("(")[0] for title in header].index(name)] = value
    return changed


def csv_bytes(rows: list[list[str]], encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    """The rows as a csv file."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode(encoding)


def xlsx_bytes(rows: list[list[Any]], merge: str | None = None) -> bytes:
    """The rows as a workbook."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    if merge:
        sheet.merge_cells(merge)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def upload(intake: Intake, name: str, content: bytes, **fields: str) -> httpx.Response:
    """Hand over a file as the local operator."""
    async with client(intake) as http:
        return await http.post("/files", params={"name": name, "source": SOURCE, **fields}, content=content)


def receipt_of(answer: httpx.Response) -> dict[str, Any]:
    """The receipt of a file, which stands within a problem where every line was rejected."""
    body: dict[str, Any] = answer.json()
    found: dict[str, Any] = body.get("receipt", body)
    return found


def counts(answer: httpx.Response) -> tuple[int, ...]:
    """Lines, accepted, repeated, rejected, set aside of a receipt."""
    body = receipt_of(answer)
    return tuple(body[name] for name in ("lines", "accepted", "repeated", "rejected", "set_aside"))
