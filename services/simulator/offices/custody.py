"""The street's filing of card custody (卡折代管)."""

from datetime import date

from services.simulator.facts import Event
from services.simulator.household import Household
from services.simulator.offices.office import Form, Office, Sheet
from services.simulator.people import Account, Person


class Custody(Office):
    """Lets somebody hold a card, with or without the papers, and takes it back."""

    context = "custody"
    source = "/street/{street}/custody"
    serial = "DG"
    void_fields = ("household_no", "custody_no", "beneficiary", "custodian", "account_number")
    sheets = (
        Sheet(
            "dibao.custody.granted.v1",
            kind="custody-granted",
            dated_by="valid_from",
            columns=(
                ("流水号", "id"), ("代管编号", "custody_no"), ("户号", "household_no"),
                ("对象姓名", "beneficiary.name"), ("对象身份证号", "beneficiary.id_number"),
                ("代管人姓名", "custodian.name"), ("代管人身份证号", "custodian.id_number"),
                ("代管人类别", "custodian_kind"), ("账号", "account_number"), ("协议号", "agreement_no"),
                ("备案日期", "filed_on"), ("开始日期", "valid_from"), ("截止日期", "valid_to"), ("作废", ""),
            ),
            words={
                "custodian_kind": {
                    "relative": "亲属",
                    "village_official": "村(社区)干部",
                    "township_staff": "乡镇(街道)工作人员",
                    "institution": "机构",
                    "other": "其他",
                }
            },
            forms={"/street/": Form("custody-granted", ".xlsx")},
        ),
        Sheet(
            "dibao.custody.ended.v1",
            kind="custody-ended",
            dated_by="ended_on",
            columns=(
                ("流水号", "id"), ("代管编号", "custody_no"), ("户号", "household_no"),
                ("终止日期", "ended_on"), ("终止原因", "reason"), ("作废", ""),
            ),
            forms={"/street/": Form("custody-ended", ".csv", "gb18030")},
        ),
    )  # fmt: skip

    def grant(
        self,
        household: Household,
        beneficiary: Person,
        custodian: Person,
        account: Account,
        valid_from: date,
        valid_to: date,
        *,
        agreement: bool = True,
        filed: bool = True,
        kind: str = "relative",
        deliver: date | None = None,
    ) -> Event:
        """Somebody holds the beneficiary's card, with or without the papers."""
        number = self.register.serials.take("custody_no")
        data = {
            "custody_no": f"DG{number}",
            "household_no": household.no,
            "beneficiary": beneficiary.identity,
            "custodian": custodian.identity,
            "custodian_kind": kind,
            "account_number": account.number,
            "agreement_no": f"代管协议{number}" if agreement else None,
            "filed_on": valid_from.isoformat() if filed else None,
            "valid_from": valid_from.isoformat(),
            "valid_to": valid_to.isoformat(),
        }
        event = self.state("granted", valid_from, data)
        return self.send(event, max(valid_from, self.register.day(1)), deliver)

    def end(self, granted: Event, ended_on: date, reason: str = "自理能力恢复") -> None:
        """The card goes back."""
        data = {
            "custody_no": granted["data"]["custody_no"],
            "household_no": granted["data"]["household_no"],
            "ended_on": ended_on.isoformat(),
            "reason": reason,
        }
        self.send(self.state("ended", ended_on, data), ended_on)
