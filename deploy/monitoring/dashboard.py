"""Grafana's dashboard, as data: ``python -m deploy.monitoring.dashboard`` writes ``dashboard.json`` anew."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FILE: Final = Path(__file__).parent / "dashboard.json"

_WIDTH, _HEIGHT, _COLUMNS = 8, 8, 3


@dataclass(frozen=True)
class Panel:
    """One graph: its title, Grafana's unit, and what is drawn, with the legend of each line."""

    title: str
    unit: str
    lines: tuple[tuple[str, str], ...]


def _quantile(q: float, metric: str, by: str, where: str = "") -> str:
    return f"histogram_quantile({q}, sum by ({by}, le) (rate({metric}_bucket{where}[$__rate_interval])))"


PANELS: Final[Sequence[Panel]] = (
    Panel(
        "Facts handed over, a second",
        "ops",
        (
            (
                "sum by (context, status) (rate(dibao_intake_facts_total[$__rate_interval]))",
                "{{context}} {{status}}",
            ),
        ),
    ),
    Panel(
        "Requests, a second",
        "reqps",
        (
            (
                "sum by (instance, status) (rate(dibao_http_request_seconds_count[$__rate_interval]))",
                "{{instance}} {{status}}",
            ),
        ),
    ),
    Panel(
        "Requests, p99",
        "s",
        ((_quantile(0.99, "dibao_http_request_seconds", "instance, route"), "{{instance}} {{route}}"),),
    ),
    Panel(
        "Behind the log, records",
        "short",
        (("sum by (pipeline) (dibao_pipeline_lag_records)", "{{pipeline}}"),),
    ),
    Panel(
        "Taken in, records a second",
        "ops",
        (("sum by (pipeline) (rate(dibao_pipeline_records_total[$__rate_interval]))", "{{pipeline}}"),),
    ),
    Panel(
        "From the log to its effects",
        "s",
        tuple(
            (
                _quantile(q, "dibao_pipeline_delay_seconds", "pipeline", '{clock="record"}'),
                f"{{{{pipeline}}}} p{q}",
            )
            for q in (0.5, 0.99)
        ),
    ),
    Panel(
        "A batch's transaction, p99",
        "s",
        ((_quantile(0.99, "dibao_pipeline_batch_seconds", "pipeline"), "{{pipeline}}"),),
    ),
    Panel(
        "Records a batch, median",
        "short",
        ((_quantile(0.5, "dibao_pipeline_batch_records", "pipeline"), "{{pipeline}}"),),
    ),
    Panel(
        "Announced, a second; waiting",
        "short",
        (
            (
                "sum by (outbox) (rate(dibao_outbox_published_total[$__rate_interval]))",
                "{{outbox}} announced",
            ),
            ("sum by (outbox) (dibao_outbox_messages)", "{{outbox}} waits"),
        ),
    ),
    Panel("The oldest that waits", "s", (("max by (outbox) (dibao_outbox_oldest_seconds)", "{{outbox}}"),)),
    Panel(
        "Told, findings a second",
        "short",
        (
            (
                "sum by (subscription) (rate(dibao_alert_findings_total[$__rate_interval]))",
                "{{subscription}} found",
            ),
            (
                "sum by (subscription, kind) (rate(dibao_alert_told_total[$__rate_interval]))",
                "{{subscription}} {{kind}}",
            ),
        ),
    ),
    Panel(
        "Attempts to deliver",
        "short",
        (
            (
                "sum by (channel, outcome) (rate(dibao_alert_attempts_total[$__rate_interval]))",
                "{{channel}} {{outcome}}",
            ),
        ),
    ),
    Panel("Not ready", "short", (("dibao_ready == 0", "{{instance}} {{part}}"),)),
    Panel(
        "CPU",
        "percentunit",
        (('rate(process_cpu_seconds_total{job="dibao"}[$__rate_interval])', "{{instance}}"),),
    ),
    Panel("Memory", "bytes", (('process_resident_memory_bytes{job="dibao"}', "{{instance}}"),)),
)


def dashboard() -> dict[str, Any]:
    """Return the dashboard as Grafana provisions it."""
    return {
        "uid": "dibao",
        "title": "dibao",
        "timezone": "Asia/Shanghai",
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "panels": [_panel(number, panel) for number, panel in enumerate(PANELS)],
    }


def _panel(number: int, panel: Panel) -> dict[str, Any]:
    row, column = divmod(number, _COLUMNS)
    source = {"type": "prometheus", "uid": "prometheus"}
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel.title,
        "datasource": source,
        "gridPos": {"x": column * _WIDTH, "y": row * _HEIGHT, "w": _WIDTH, "h": _HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + place), "datasource": source, "expr": expression, "legendFormat": legend}
            for place, (expression, legend) in enumerate(panel.lines)
        ],
    }


def text() -> str:
    """Return the file."""
    return json.dumps(dashboard(), indent=2) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
