"""A terminal at which commands are given, and what the golden street has to show."""

import asyncio
import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from deploy.cli.app import app
from deploy.deployment import Deployment
from tests.operator import OPERATOR_KEY
from tests.street.whole import Whole

GOLDEN = Path(__file__).parents[2] / "golden" / "facts.ndjson"
EXPECTED = json.loads((GOLDEN.parent / "expected.json").read_text(encoding="utf-8"))


class Terminal:
    """Runs commands as somebody at a terminal would, against one deployment."""

    def __init__(self, street: Whole, deployment: Deployment) -> None:
        self.street = street
        self._deployment = deployment
        settings = deployment.settings
        self.operator_file = settings.master_key_file.with_name("operator.key")
        self.operator_file.write_text(OPERATOR_KEY + "\n", encoding="ascii")
        self.environment = {
            "DIBAO_OPERATOR_KEY_FILE": str(self.operator_file),
            "DIBAO_KAFKA": settings.kafka,
            "DIBAO_DATABASE_URL": settings.database_url,
            "DIBAO_TOPIC_PREFIX": settings.topic_prefix,
            "DIBAO_MASTER_KEY_FILE": str(settings.master_key_file),
            "DIBAO_JOURNAL": str(settings.journal),
            "DIBAO_JOURNAL_KEY_FILE": str(settings.journal_key_file),
            **{f"DIBAO_URL_{name.upper()}": url for name, url in deployment.urls.items()},
        }

    def as_service(self, name: str) -> "Terminal":
        """The same terminal, with a service's own role."""
        other = Terminal(self.street, self._deployment)
        url = self._deployment.settings_of(name).database_url
        other.environment = {**self.environment, "DIBAO_DATABASE_URL": url}
        return other

    async def run(self, *arguments: str | Path, code: int = 0) -> Result:
        words = [str(argument) for argument in arguments]
        result = await asyncio.to_thread(CliRunner().invoke, app, words, env=self.environment)
        assert result.exit_code == code, (words, result.output, result.exception)
        return result

    async def rows(self, *arguments: str | Path) -> list[dict[str, Any]]:
        result = await self.run(*arguments, "--format", "ndjson")
        return [json.loads(line) for line in result.stdout.splitlines()]
