"""While a large file is read others are answered: reading never holds the loop."""

import asyncio
import time

from tests.services.intake.conftest import OpenIntake, client

HEADER = "流水号,发放编号,户号,救助类别,发放月,到账日,金额,发放类型,账号,户名,批次"
ROW = "R110-1,FR1101,QPR110,农村低保,2021-06,2021-06-28,540.00,常规,6217009900000016,钟启明,BR110"
EMPTY = ",".join(['""'] * 11)


async def test_health_is_answered_while_hundreds_of_thousands_of_empty_rows_are_read(
    open_context: OpenIntake,
) -> None:
    intake = await open_context("payments")
    content = "\n".join([HEADER, ROW, *([EMPTY] * 300_000), ""]).encode()
    waits: list[float] = []
    async with client(intake) as http:

        async def upload() -> float:
            began = time.monotonic()
            answer = await http.post("/files?name=a.csv&source=/office/500102", content=content)
            assert (answer.status_code, answer.json()["accepted"]) == (202, 1), answer.text
            return time.monotonic() - began

        uploading = asyncio.ensure_future(upload())
        while not uploading.done():
            began = time.monotonic()
            assert (await http.get("/health")).status_code == 200
            waits.append(time.monotonic() - began)
            await asyncio.sleep(0.02)
        lasted = await uploading
    assert lasted > 0.5, "too short to tell"
    # 100 ms on a machine of its own; what holds the loop holds it for all the time of reading.
    waits.sort()
    assert waits[len(waits) // 2] < 0.1
    assert waits[-1] < max(0.5, lasted / 3), waits[-5:]
