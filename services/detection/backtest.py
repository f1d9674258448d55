"""Backtest: what other policy, or other rules, would find in the facts that are live, before they count."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

from services.detection import generation
from services.detection.evaluate import Evaluator
from services.detection.facts.policy import PolicyAdopted
from services.detection.generation import schema_of
from services.detection.rules import ALL, RuleSet
from services.detection.shard import evaluate_all
from services.detection.tables import DIRTY, FINDING, OUTBOX, WAKE
from services.platform.database import Connection, open_pool
from services.platform.settings import Settings

SAMPLES = 5
"""Findings that are named of each rule and outcome."""

_SCHEMA = "detection_backtest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Findings of a rule and a severity that come out otherwise; ``amount_fen``: what they are about, in 分.

    ``outcome``: ``added``, ``removed``, ``changed``, or ``same``. ``samples`` are anomaly ids.
    """

    rule: str
    severity: str
    outcome: str
    count: int
    amount_fen: int
    samples: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What a backtest did, and how what it found differs from the live findings."""

    generation: int
    subjects: int
    seconds: float
    differences: Sequence[Difference]


async def backtest(
    settings: Settings,
    *,
    drafts: Sequence[PolicyAdopted] = (),
    rules: RuleSet = ALL,
    without: Collection[str] = (),
    processes: int = 0,
) -> Tried:
    """Evaluate every subject of the live facts, with drafts of policy beside what holds; announce nothing.

    Only ``rules`` are compared; ``without``: clauses that are turned off. What is found stays in the schema
    ``detection_backtest`` until the next backtest; nothing that is live is touched.
    """
    pool = await open_pool(settings.database_url, size=1)
    try:
        async with pool.acquire() as connection:
            number = await generation.live(connection)
            live = schema_of(number)
            await connection.execute(f"drop schema if exists {_SCHEMA} cascade")
            await generation.create(connection, _SCHEMA, (FINDING, DIRTY, WAKE, OUTBOX))
            began = monotonic()
            evaluator = Evaluator(publish=False, rules=rules, without=without, drafts=tuple(drafts))
            # Found first: the tables of results; the facts are the live ones.
            subjects = await evaluate_all(settings.database_url, f"{_SCHEMA}, {live}", evaluator, processes)
            differences = await _differences(connection, live, [rule.name for rule in rules.rules])
        return Tried(
            generation=number, subjects=subjects, seconds=monotonic() - began, differences=differences
        )
    finally:
        await pool.close()


async def _differences(connection: Connection, live: str, rules: Sequence[str]) -> list[Difference]:
    rows: Sequence[Any] = await connection.fetch(_COMPARE.format(new=_SCHEMA, old=live), rules, SAMPLES)
    return [Difference(**row) for row in rows]


# The amount of a finding is the first of these that its rule states.
_COMPARE = """
with compared as (
    select coalesce(n.rule, o.rule) as rule, coalesce(n.severity, o.severity) as severity,
        coalesce(n.anomaly_id, o.anomaly_id)::text as anomaly_id, coalesce(n.params, o.params) as params,
        case when o.anomaly_id is null then 'added' when n.anomaly_id is null then 'removed'
            when n.content = o.content then 'same' else 'changed' end as outcome
    from (select * from {new}.finding where state = 'open' and rule = any($1)) as n
    full join (select * from {old}.finding where state = 'open' and rule = any($1)) as o using (anomaly_id)
)
select rule, severity, outcome, count(*) as count,
    sum(coalesce(params -> 'overpaid_fen', params -> 'excess_fen', params -> 'short_fen',
        params -> 'difference_fen', params -> 'paid_fen', params -> 'amount_fen', '0')::bigint
    )::bigint as amount_fen,
    (array_agg(anomaly_id order by anomaly_id))[1:$2] as samples
from compared group by rule, severity, outcome order by rule, severity, outcome
"""
