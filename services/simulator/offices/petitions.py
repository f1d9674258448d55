"""The petitions office (信访)."""

from collections import deque
from dataclasses import dataclass
from datetime import date

from services.simulator.offices.office import Form, Office, Sheet
from services.simulator.register import Register

KINDS = {"complaint": "投诉举报", "request": "求助申请"}
_REMEMBERED = 400


@dataclass(frozen=True, slots=True)
class Petition:
    """What somebody who repeats a petition repeats of it."""

    division: str
    matter_code: str
    household_no: str | None
    petitioner: dict[str, str] | None


class Petitions(Office):
    """Takes petitions in and closes them."""

    context = "petitions"
    source = "/petitions/{street}"
    serial = "XF"
    void_fields = ("petition_no", "petitioner", "household_no")
    sheets = (
        Sheet(
            "dibao.petitions.filed.v1",
            kind="petitions-filed",
            dated_by="filed_on",
            columns=(
                ("流水号", "id"), ("信访编号", "petition_no"), ("信访人", "petitioner.name"),
                ("身份证号", "petitioner.id_number"), ("户号", "household_no"), ("区划代码", "division"),
                ("信访日期", "filed_on"), ("渠道", "channel"), ("信访类别", "kind"),
                ("事项代码", "matter_code"), ("事项", "matter"), ("作废", ""),
            ),
            words={"kind": KINDS},
            forms={"/petitions/": Form("petitions-filed", ".xlsx")},
        ),
        Sheet(
            "dibao.petitions.closed.v1",
            kind="petitions-closed",
            dated_by="closed_on",
            columns=(
                ("流水号", "id"), ("信访编号", "petition_no"), ("办结日期", "closed_on"),
                ("办理结果", "outcome"), ("证明材料", "evidence"), ("作废", ""),
            ),
            words={
                "outcome": {"settled": "处置到位", "not_settled": "未处置到位", "withdrawn": "撤回"}
            },
            forms={"/petitions/": Form("petitions-closed", ".csv")},
        ),
    )  # fmt: skip

    def __init__(self, register: Register) -> None:
        super().__init__(register)
        self.recent: deque[Petition] = deque(maxlen=_REMEMBERED)
        """The latest petitions, bounded: repeats come from among them."""

    def file(
        self,
        day: date,
        *,
        petitioner: dict[str, str] | None,
        household_no: str | None,
        division: str,
        channel: str,
        kind: str,
        matter_code: str,
        matter: str,
    ) -> str:
        """A petition is written down; returns its number."""
        number = f"XF{self.register.serials.take('petition_no')}"
        data = {
            "petition_no": number,
            "petitioner": petitioner,
            "household_no": household_no,
            "division": division,
            "filed_on": day.isoformat(),
            "channel": channel,
            "kind": kind,
            "matter_code": matter_code,
            "matter": matter,
        }
        self.send(self.state("filed", day, data), day, usual=3)
        self.recent.append(Petition(division, matter_code, household_no, petitioner))
        return number

    def close(self, number: str, closed_on: date, outcome: str) -> None:
        """A petition is answered for good."""
        data = {
            "petition_no": number,
            "closed_on": closed_on.isoformat(),
            "outcome": outcome,
            "evidence": f"答复意见书{number[2:]}" if outcome == "settled" else None,
        }
        self.send(self.state("closed", closed_on, data), closed_on, usual=3)
