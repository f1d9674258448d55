"""Two tables of findings, compared by anomaly id."""

from dataclasses import dataclass

from services.platform.database import Connection


@dataclass(frozen=True, slots=True)
class Comparison:
    """Open findings of a new evaluation against those of another, counted by rule.

    ``raised``: open in the new one only; ``withdrawn``: in the other only; ``revised``: other content.
    """

    same: dict[str, int]
    raised: dict[str, int]
    revised: dict[str, int]
    withdrawn: dict[str, int]

    @property
    def equal(self) -> bool:
        """Whether nothing differs."""
        return not (self.raised or self.revised or self.withdrawn)


_COMPARE = """
select coalesce(n.rule, o.rule) as rule, count(*) as count,
    case when o.anomaly_id is null then 'raised' when n.anomaly_id is null then 'withdrawn'
        when n.content = o.content then 'same' else 'revised' end as outcome
from (select * from {new}.finding where state = 'open') n
full join (select * from {old}.finding where state = 'open') o using (anomaly_id)
group by 1, 3
"""


async def compare_schemas(connection: Connection, new: str, old: str) -> Comparison:
    """Return how the open findings of schema ``new`` differ from those of ``old``."""
    counted: dict[str, dict[str, int]] = {"same": {}, "raised": {}, "revised": {}, "withdrawn": {}}
    for row in await connection.fetch(_COMPARE.format(new=new, old=old)):
        counted[row["outcome"]][row["rule"]] = row["count"]
    return Comparison(**counted)
