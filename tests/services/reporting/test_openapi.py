"""Reporting's OpenAPI document: what it promises is what programs get, whatever they ask."""

import sys
from pathlib import Path

import httpx
import pytest

from tests.contract.serving import run
from tests.services.reporting.conftest import Street
from tests.services.reporting.serving import listening

_SECONDS = (10, pytest.param(60, marks=pytest.mark.slow))


@pytest.mark.parametrize("seconds", _SECONDS)
async def test_schemathesis_finds_nothing(street: Street, tmp_path: Path, seconds: int) -> None:
    await street.announce("raised")
    await street.log.close_day("2021-06-30")
    await street.read()
    key = await street.reader()
    async with listening(street.pool) as address:
        code, said = await run(
            str(Path(sys.executable).with_name("schemathesis")),
            "--config-file",
            str(Path(__file__).with_name("schemathesis.toml")),
            "run",
            f"{address}/openapi.json",
            "--header",
            f"Authorization: Bearer {key}",
            # A live stream does not end.
            "--exclude-path",
            "/anomalies/stream",
            "--exclude-path",
            "/alerts/stream",
            "--max-time",
            str(seconds),
            "--seed",
            "1",
            "--continue-on-failure",
            folder=tmp_path,
        )
    assert code == 0, said


async def test_every_route_says_how_it_refuses(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    assert len(paths) > 100
    for path, methods in paths.items():
        for method in methods.values():
            refusals = {code: answer for code, answer in method["responses"].items() if code[0] != "2"}
            assert set(refusals) >= {"401", "403", "404", "409", "422", "503"}, path
            for answer in refusals.values():
                assert list(answer["content"]) == ["application/problem+json"], path
