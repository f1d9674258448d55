"""A generation that is filled first and evaluated once at its end finds what a live one found, of ids too."""

from __future__ import annotations

import pytest

from tests.oracle import integrity
from tests.services.detection.history import history
from tests.services.detection.upstream import digest_of
from tests.services.detection.worker import COMPARED, Worker, plain


@pytest.mark.parametrize("seed", range(4))
async def test_ids_numbers_and_areas_are_judged_alike_afterwards(database: str, seed: int) -> None:
    story = history(seed, 60)
    stated = list(integrity.findings(story.raws, digest_of))
    expected = sorted(plain(rule, dict(one.key), one.severity, one.extras) for rule, one in stated)
    worker = await Worker.open(database, "detection_g2")
    try:
        await worker.rebuild(database, story.batches)
        found = await worker.open_findings()
        assert [one for one in found if one[0].startswith("integrity-")] == expected
        assert {one[0] for one in found} >= {rule for rule in COMPARED if rule.startswith("integrity-")}
    finally:
        await worker.close()
