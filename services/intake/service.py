"""One process of one or several contexts: HTTP and intake topics, until it is told to stop."""

import asyncio
from collections.abc import Sequence

from services.intake.context import open_intake
from services.intake.declaration import Declaration
from services.intake.forgetting import forget
from services.intake.housekeeping import keep_house
from services.intake.http import gateway
from services.intake.topic import consume_intake
from services.platform.http import serve_http
from services.platform.running import until_one_ends
from services.platform.settings import Settings


async def serve_contexts(
    declarations: Sequence[Declaration], settings: Settings, stop: asyncio.Event
) -> None:
    """Run the service of contexts: what ends one of its parts ends all."""
    async with open_intake(declarations, settings) as intakes:
        await until_one_ends(
            stop,
            lambda ended: (
                serve_http(gateway(intakes), settings, ended),
                keep_house(intakes, ended),
                forget(intakes, ended),
                *(consume_intake(intake, ended) for intake in intakes),
            ),
        )
