"""The files that offices would hand over: one a month, kind of fact and source, in delivery order.

``files/2021-06/payments-psbc.csv`` holds the lines of that bank that came in June 2021. What reaches us
as files has Chinese headers (the table below); everything else goes over HTTP (``events.ndjson`` of the
month). ``files/manifest.json`` lists all of them in the order in which they were handed over.
"""

import csv
import io
import json
import zipfile
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl

from services.simulator import months
from services.simulator.facts import CUSTODY, PETITIONS, VITALS, Event
from services.simulator.post import Day

PROGRAMMES = {
    "urban_dibao": "城市低保",
    "rural_dibao": "农村低保",
    "tekun": "特困供养",
    "temporary_relief": "临时救助",
}
KINDS = {"regular": "常规", "arrears": "补发", "one_off": "一次性"}
CUSTODIAN_KINDS = {
    "relative": "亲属",
    "village_official": "村(社区)干部",
    "township_staff": "乡镇(街道)工作人员",
    "institution": "机构",
    "other": "其他",
}
PETITION_KINDS = {"complaint": "投诉举报", "request": "求助申请"}
OUTCOMES = {"settled": "处置到位", "not_settled": "未处置到位", "withdrawn": "撤回"}
WORDS: dict[str, dict[Any, str]] = {
    "programme": PROGRAMMES,
    "kind": KINDS | PETITION_KINDS,
    "custodian_kind": CUSTODIAN_KINDS,
    "outcome": OUTCOMES,
    "account.institution": {True: "是", None: ""},
}

# Kind of file → (header, where the value stands in the fact's data). ``id`` is the event's id, 流水号.
# 作废 stays empty: offices that void a line say so over HTTP, with a reason.
COLUMNS: dict[str, tuple[tuple[str, str], ...]] = {
    "payments": (
        ("流水号", "id"), ("发放编号", "payment_no"), ("户号", "household_no"), ("救助类别", "programme"),
        ("发放月", "month"), ("到账日", "paid_on"), ("金额", "amount_fen"), ("发放类型", "kind"),
        ("账号", "account.number"), ("户名", "account.holder_name"), ("开户行", "account.bank"),
        ("集体账户", "account.institution"), ("批次", "batch_no"), ("作废", ""),
    ),
    "deaths": (
        ("流水号", "id"), ("姓名", "person.name"), ("身份证号", "person.id_number"), ("死亡日期", "died_on"),
        ("登记日期", "registered_on"), ("登记机关", "registry"), ("作废", ""),
    ),
    "custody-granted": (
        ("流水号", "id"), ("代管编号", "custody_no"), ("户号", "household_no"),
        ("对象姓名", "beneficiary.name"), ("对象身份证号", "beneficiary.id_number"),
        ("代管人姓名", "custodian.name"),
        ("代管人身份证号", "custodian.id_number"), ("代管人类别", "custodian_kind"),
        ("账号", "account_number"),
        ("协议号", "agreement_no"), ("备案日期", "filed_on"), ("开始日期", "valid_from"),
        ("截止日期", "valid_to"), ("作废", ""),
    ),
    "custody-ended": (
        ("流水号", "id"), ("代管编号", "custody_no"), ("户号", "household_no"), ("终止日期", "ended_on"),
        ("终止原因", "reason"), ("作废", ""),
    ),
    "petitions-filed": (
        ("流水号", "id"), ("信访编号", "petition_no"), ("信访人", "petitioner.name"),
        ("身份证号", "petitioner.id_number"), ("户号", "household_no"), ("区划代码", "division"),
        ("信访日期", "filed_on"), ("渠道", "channel"), ("信访类别", "kind"), ("事项代码", "matter_code"),
        ("事项", "matter"), ("作废", ""),
    ),
    "petitions-closed": (
        ("流水号", "id"), ("信访编号", "petition_no"), ("办结日期", "closed_on"), ("办理结果", "outcome"),
        ("证明材料", "evidence"), ("作废", ""),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Form:
    """How one source hands over one type: kind of file, folder name, format and encoding."""

    kind: str
    name: str
    suffix: str
    encoding: str = "utf-8"


FORMS: dict[tuple[str, str], Form] = {
    ("dibao.payments.paid.v1", "/bank/psbc/500102"): Form("payments", "payments-psbc", ".csv", "gb18030"),
    ("dibao.payments.paid.v1", "/bank/cqrcb/500102"): Form("payments", "payments-cqrcb", ".csv"),
    ("dibao.payments.paid.v1", "/bank/ccb/500102"): Form("payments", "payments-ccb", ".xlsx"),
    ("dibao.vitals.died.v1", VITALS): Form("deaths", "deaths", ".xlsx"),
    ("dibao.custody.granted.v1", CUSTODY): Form("custody-granted", "custody-granted", ".xlsx"),
    ("dibao.custody.ended.v1", CUSTODY): Form("custody-ended", "custody-ended", ".csv", "gb18030"),
    ("dibao.petitions.filed.v1", PETITIONS): Form("petitions-filed", "petitions-filed", ".xlsx"),
    ("dibao.petitions.closed.v1", PETITIONS): Form("petitions-closed", "petitions-closed", ".csv"),
}
HTTP = Form("events", "events", ".ndjson")
STAMP = datetime(2020, 1, 1)  # of every workbook: equal runs give equal bytes


@dataclass
class Office:
    """Collects a month's deliveries and writes its files when the month is over."""

    folder: Path
    manifest: list[dict[str, Any]] = field(default_factory=list)
    _month: months.Month | None = None
    _lines: dict[tuple[Form, str], list[Event]] = field(default_factory=dict)

    def take(self, day: Day) -> None:
        """Add what was delivered on a day."""
        month = months.of(day.day)
        if month != self._month:
            self._write_month()
            self._month = month
        for event in day.facts:
            form = FORMS.get((event["type"], event["source"]), HTTP)
            source = event["source"] if form is not HTTP else ""
            self._lines.setdefault((form, source), []).append(event)

    def close(self) -> None:
        """Write the last month and the manifest."""
        self._write_month()
        self.folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps(self.manifest, ensure_ascii=False, indent=1)
        (self.folder / "manifest.json").write_text(text + "\n", encoding="utf-8", newline="\n")

    def _write_month(self) -> None:
        if self._month is None:
            return
        month = months.text(self._month)
        (self.folder / month).mkdir(parents=True, exist_ok=True)
        # what goes over HTTP first (enrolments before the payments they entitle), then the files by name
        for (form, source), events in sorted(
            self._lines.items(), key=lambda item: (item[0][0] is not HTTP, item[0][0].name)
        ):
            path = self.folder / month / (form.name + form.suffix)
            path.write_bytes(content(form, events))
            self.manifest.append({
                "path": f"{month}/{path.name}",
                "month": month,
                "kind": form.kind,
                "context": None if form is HTTP else events[0]["type"].split(".")[1],
                "type": None if form is HTTP else events[0]["type"],
                "source": source or None,
                "encoding": None if form.suffix == ".xlsx" else form.encoding,
                "facts": len(events),
                "amount_fen": sum(e["data"].get("amount_fen", 0) for e in events) or None,
            })  # fmt: skip
        self._lines.clear()


def content(form: Form, events: list[Event]) -> bytes:
    """The bytes of a file of that form."""
    if form is HTTP:
        lines = (json.dumps(e, ensure_ascii=False, separators=(",", ":")) + "\n" for e in events)
        return "".join(lines).encode()
    columns = COLUMNS[form.kind]
    rows = [[header for header, _ in columns]]
    rows += [[cell(event, path) for _, path in columns] for event in events]
    if form.suffix == ".xlsx":
        return _workbook(rows)
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode(form.encoding)


def cell(event: Event, path: str) -> str:
    """What an office writes for a field: 元, Chinese words for codes, nothing for what is absent."""
    if path == "id":
        return str(event["id"])
    value: Any = event["data"] if path else None
    for name in path.split(".") if path else ():
        value = value.get(name) if value is not None else None
    if path == "amount_fen":
        return f"{Decimal(value) / 100:.2f}"
    if path in WORDS:
        return WORDS[path][value]
    return "" if value is None else str(value)


def _workbook(rows: list[list[str]]) -> bytes:
    """A workbook of text cells: numbers of 18 digits do not survive as numbers."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Sheet1")
    for row in rows:
        sheet.append([value or None for value in row])
    book.properties.created = book.properties.modified = STAMP
    written = io.BytesIO()
    book.save(written)
    return _dated(written.getvalue())


def _dated(workbook: bytes) -> bytes:
    """The same archive with one fixed date on every entry, and in the properties."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(result, "w") as new:
        for entry in old.infolist():
            body = old.read(entry)
            if entry.filename == "docProps/core.xml":
                body = _undated(body)
            new.writestr(zipfile.ZipInfo(entry.filename, STAMP.timetuple()[:6]), body, zipfile.ZIP_DEFLATED)
    return result.getvalue()


def _undated(properties: bytes) -> bytes:
    start, end = b"<dcterms:modified", b"</dcterms:modified>"
    if start not in properties:
        return properties
    head, rest = properties.split(start, 1)
    return head + rest.split(end, 1)[1]
