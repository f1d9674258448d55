"""Whoever signs records by the published page alone signs them as dibao checks them."""

import json
import re
import subprocess
from pathlib import Path

from services.intake.signatures import sign
from tests.services.platform.golden import facts_of

PAGE = (Path(__file__).parents[2] / "docs" / "contract" / "publishing.md").read_text(encoding="utf-8")
FACT = facts_of("payments")[0]
KEY, SOURCE = "dk.an-example", "/bank/psbc/500102"


def test_the_example_in_python() -> None:
    [code] = [block for block in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "hmac" in block]
    named: dict[str, object] = {}
    exec(code, named)  # noqa: S102 - what the page says
    signature = named["signature"]
    assert callable(signature)
    value = json.dumps(FACT, ensure_ascii=False).encode()
    assert signature(KEY, SOURCE, value) == sign(KEY, SOURCE, value)
    headers = {f"ce_{name}": str(FACT[name]).encode() for name in ("source", "id", "type", "time")}
    assert signature(KEY, SOURCE, b"{}", headers) == sign(KEY, SOURCE, b"{}", headers.items())
    assert signature(KEY, SOURCE, b"{}", headers) != sign(KEY, SOURCE, b"{}")


def test_the_example_at_a_terminal(tmp_path: Path) -> None:
    value = json.dumps(FACT, ensure_ascii=False).encode()
    (tmp_path / "event.json").write_bytes(value)
    lines = [line.strip() for line in PAGE.splitlines() if line.startswith(("    hash=", "    mac="))]
    assert len(lines) == 2
    script = "\n".join((*lines, f'printf "v1 {SOURCE} %s" "$mac"'))
    answer = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        env={"KEY": KEY, "PATH": "/usr/local/bin:/usr/bin:/bin"},
        capture_output=True,
        check=True,
    )
    assert answer.stdout == sign(KEY, SOURCE, value)[1]
