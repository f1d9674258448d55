"""A day's work at the command line: hand over, wait, read, undo, rebuild."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner, Result

from deploy.cli.app import app
from deploy.cli.dead_letters import shown_header
from deploy.local import Stack, StackError
from events.envelope import event_id_of
from tests.deploy.cli.terminal import EXPECTED, GOLDEN, Terminal
from tests.operator import OPERATOR_KEY
from tests.street.whole import whole


@pytest.fixture
async def terminal(stack: Stack, database: str, tmp_path: Path) -> AsyncIterator[Terminal]:
    async with whole(stack, database, tmp_path) as street:
        yield Terminal(street, street.deployment)


async def test_a_days_work(terminal: Terminal, tmp_path: Path) -> None:
    run, rows = terminal.run, terminal.rows

    # hand over, twice: the second time all of it is repeated
    told = await run("publish", GOLDEN)
    assert "退回 0" in told.output
    again = json.loads((await run("publish", GOLDEN, "--format", "json")).stdout)
    assert (again["accepted"], again["rejected"]) == (0, 0)
    await run("wait", "--timeout", "60")
    closed = await run("close-day", EXPECTED["closed"])
    assert "is closed" in closed.output
    assert "closed already" in (await run("close-day", EXPECTED["closed"])).output
    earlier = await run("close-day", "2021-10-01", code=1)
    assert "days follow in order" in earlier.output
    await run("wait", "--timeout", "60")

    # read
    open_now = await rows("anomalies")
    by_hand = {one["rule"] for one in EXPECTED["findings"]}
    counted = [row for row in open_now if row["rule"] in by_hand]
    assert len(counted) == len(EXPECTED["findings"])
    assert set(open_now[0]) >= {
        *("rule", "anomaly_id", "revision", "state", "severity", "key", "params"),
        *("evidence", "evidence_count", "raised_at", "revised_at"),
    }
    assert await rows("anomalies", "--as-of", EXPECTED["closed"]) is not None
    since = await rows("anomalies", "--since", EXPECTED["closed"])
    assert {row["verb"] for row in since} == {"raised"}, "what the closing itself has shown"
    for option, value in (("--since", EXPECTED["closed"]), ("--sort", "rule")):
        refused = await run("anomalies", option, value, "--follow", code=2)
        assert "leave --since and --sort out" in " ".join(refused.output.split())
    severe = await rows("anomalies", "--severity", "high", "--sort", "-raised_at")
    assert [row["anomaly_id"] for row in severe] == [
        row["anomaly_id"]
        for row in sorted(open_now, key=lambda row: row["raised_at"], reverse=True)
        if row["severity"] == "high"
    ]
    street = (await rows("view", "findings", "--by", "district"))[0]
    assert street["open_count"] == len([row for row in open_now if row["rule"] == street["rule"]])
    assert "清查率(%)" in (await run("view", "coverage", "--month", "2021-06", "--by", "street")).output
    unknown = await run("view", "debts", code=2)
    assert "expected one of: campaign_progress, clocks" in " ".join(unknown.output.split())
    refused = await run("view", "coverage", "--household", "LZ0001", code=2)
    assert "household_no: the view coverage has no such filter" in " ".join(refused.output.split())
    wrong = await run("anomalies", "--rule", "nonsense", code=2)
    assert "rule: expected one of " in " ".join(wrong.output.split())
    assert "大额支付" in (await run("rules")).output
    listed = {row["name"]: row for row in await rows("rules")}
    assert listed["custody-expired"]["requirements"] == ["R31", "R32"]
    assert listed["paid-after-death"]["parameters"][0]["default"] == "3"
    death = next(row for row in open_now if row["rule"] == "paid-after-death")
    of_it = await rows("anomalies", "--household", death["household_no"])
    assert {row["household_no"] for row in of_it} == {death["household_no"]}
    explained = await run("explain", death["anomaly_id"])
    assert "所用政策" in explained.output
    assert "dibao.vitals.died.v1" in explained.output
    assert "常规" in explained.output, "codes are in words"
    whole_story = json.loads((await run("explain", death["anomaly_id"], "--format", "json")).stdout)
    assert [fact["event_id"] for fact in whole_story["facts"]] == [
        fact["event_id"]
        for fact in sorted(whole_story["facts"], key=lambda fact: (fact["business_date"], fact["event_id"]))
    ]
    household = whole_story["key"]["household_no"]
    story = json.loads((await run("household", household, "--format", "json")).stdout)
    assert death["anomaly_id"] in {row["anomaly_id"] for row in story["anomalies"]}
    assert {fact["event_id"] for fact in whole_story["facts"]} <= {
        fact["event_id"] for fact in story["facts"]
    }
    assert all(fact["data"] for fact in story["facts"]), "what no ledger keeps is read from the log"
    told = await run("household", household)
    for title in ("成员", "低保金发放台账", "事实", "预警"):
        assert title in told.output
    await run("household", "LZ999999", code=1)
    paid = await rows("ledger", "payments", "--month", "2021-02")
    assert paid
    assert {row["month"] for row in paid} == {"2021-02"}
    for ledger in ("recipients", "custody", "petitions"):
        assert await rows("ledger", ledger)
    unknown = await run("ledger", "payments", "--household", "LZ999999", code=1)
    assert "There is no household LZ999999" in unknown.output
    assert await rows("ledger", "payments", "--limit", "3") == (await rows("ledger", "payments"))[:3]
    one = await run("ledger", "payments", "--limit", "1")
    assert "还有更多行" in one.output
    for kind in ("csv", "xlsx", "pdf"):
        await run("ledger", "payments", "--month", "2021-02", "--out", tmp_path / f"payments.{kind}")
    assert (tmp_path / "payments.csv").read_text(encoding="utf-8").count("\n") == len(paid) + 1
    assert openpyxl.load_workbook(tmp_path / "payments.xlsx").active.max_row == len(paid) + 6
    none = await run("receipt", "00000000-0000-4000-8000-000000000000", code=1)
    assert "没有回执" in none.output
    out = tmp_path / "annex2.xlsx"
    await run("annex2", "--until", "2021-10-31", "--by", "village", "--out", out)
    assert len(openpyxl.load_workbook(out).active.merged_cells.ranges) > 10
    await run("annex2", "--until", "2021-10-31", "--out", tmp_path / "annex2.csv")
    assert "A3,政策落实情况/临时救助政策落实情况/受疫情影响纳入临时救助数,人次,0\n" in (
        tmp_path / "annex2.csv"
    ).read_text(encoding="utf-8")
    cell = await rows("annex2", "--until", "2021-10-31", "--cell", "A1c", "--rows")
    assert len(cell) == EXPECTED["annex2"]["cells"]["A1c"][0]
    filled = await run("annex2", "--until", "2021-10-31")
    assert "符合" in filled.output

    # undo: the payment after death never counted, so its anomaly is withdrawn
    payment = next(fact for fact in whole_story["facts"] if fact["type"] == "dibao.payments.paid.v1")
    await run("void", payment["source"], payment["serial"], "--reason", "录入错误")
    await run("wait", "--timeout", "60")
    withdrawn = await rows("anomalies", "--state", "withdrawn")
    assert death["anomaly_id"] in {row["anomaly_id"] for row in withdrawn}

    # a fact in conflict is undone by the version only, or by all of them
    original = next(line for line in GOLDEN.read_text(encoding="utf-8").splitlines() if ".paid." in line)
    fact = json.loads(original) | {"id": "conflict-1"}
    file = tmp_path / "conflict.ndjson"
    contents = [{**fact["data"], "amount_fen": fen, "payment_no": "conflict-1"} for fen in (100, 200)]
    file.write_text("\n".join(json.dumps({**fact, "data": data}) for data in contents), encoding="utf-8")
    handed = json.loads((await run("publish", file, "--format", "json")).stdout)
    assert (handed["accepted"], handed["set_aside"]) == (0, 2)
    await run("wait", "--timeout", "60")
    of = ("void", fact["source"], "conflict-1", "--reason", "录入错误")
    digests = re.findall(r"[0-9a-f]{32}", (await run(*of, code=2)).output)
    assert len(set(digests)) == 2
    assert digests[0] in (await run(*of, "--digest", "0" * 32, code=2)).output
    assert "接受 1" in (await run(*of, "--digest", digests[0])).output
    assert "接受 1" in (await run(*of)).output
    assert "此前已作废" in (await run(*of)).output

    # undo a death: the void repeats the person, opened from the vault
    died = next(fact for fact in whole_story["facts"] if fact["type"] == "dibao.vitals.died.v1")
    await run("void", died["source"], died["serial"], "--reason", "登记错误")
    await run("wait", "--timeout", "60")
    left = {row["anomaly_id"] for row in await rows("anomalies")}

    # rebuild both from the log: nothing differs
    told = await terminal.as_service("detection").run("rebuild", "detection")
    assert "equal to the findings" in " ".join(told.output.split())
    told = await terminal.as_service("projector").run("rebuild", "projection")
    assert "Generation 2 of the projection" in told.output
    await run("wait", "--timeout", "60")
    assert {row["anomaly_id"] for row in await rows("anomalies")} == left


async def test_an_office_hands_in_a_file_with_a_wrong_row(terminal: Terminal, tmp_path: Path) -> None:
    header = (
        "流水号,发放编号,户号,救助类别,发放月,到账日,金额,发放类型,账号,户名,开户行,集体账户,批次,作废\r\n"
    )
    good = "S1,P1,H1,农村低保,2021-06,2021.6.28,463.00,常规,6217000000007922,金和义,农商行,否,B1,\r\n"
    bad = "S2,P2,H2,农村低保,2021-06,2021.6.31,463.00,常规,6217000000007922,金和义,农商行,否,B1,\r\n"
    file = tmp_path / "payments.csv"
    file.write_bytes((header + good + bad).encode("gb18030"))

    told = json.loads(
        (
            await terminal.run(
                *("publish", file, "--context", "payments", "--source", "/bank/x", "--format", "json"), code=3
            )
        ).stdout
    )
    assert (told["accepted"], told["rejected"]) == (1, 1)
    assert (told["rejects"][0]["row"], told["rejects"][0]["column"]) == (3, "到账日")

    await terminal.run("wait", "--timeout", "60")
    receipt = (await terminal.rows("receipt", told["receipts"][0]))[0]
    assert receipt["control_total_fen"] == receipt["ledger"]["amount_fen"] == 46300
    held = await terminal.rows("ledger", "payments")
    assert [row["event_id"] for row in held] == [str(event_id_of("/bank/x", "S1"))]


async def test_what_is_refused_as_a_whole_is_said_once_in_chinese(terminal: Terminal, tmp_path: Path) -> None:
    empty, other = tmp_path / "空.csv", tmp_path / "headers.csv"
    empty.write_bytes(b"")
    other.write_text("户号,救助类别,发放月,到账日\r\n", encoding="utf-8")
    of_bank = ("--context", "payments", "--source", "/bank/x")
    told = await terminal.run("publish", empty, other, *of_bank, code=1)
    first, second = (line for line in told.output.splitlines() if not line.startswith("·"))
    assert first == "空.csv 未接收：文件是空的"
    assert second.startswith("headers.csv 未接收：第1行按“资金发放”的表头读取，缺少：发放编号、")
    told = await terminal.run("publish", empty, *of_bank, "--format", "json", code=1)
    [refused] = json.loads(told.stdout)["refused"]
    assert refused["errors"][0]["expected"] == "a file that is not empty"
    told = await terminal.run("publish", empty, *of_bank, "--mapping", "none", code=1)
    assert told.output.strip().startswith("空.csv 未接收：--mapping：本单位没有保存过这个名称的映射")
    told = await terminal.run("publish", empty, "--context", "payment", "--source", "/bank/x", code=2)
    assert "is no context; they are: enrollment" in told.output
    told = await terminal.run("publish", empty, *of_bank, "--type", "enrolled", code=2)
    assert "they are: paid, returned, recovered." in told.output


@pytest.mark.parametrize("way", ["http", "file"])
async def test_lines_are_those_of_the_file_that_was_handed_in(
    terminal: Terminal, tmp_path: Path, way: str
) -> None:
    golden = GOLDEN.read_text(encoding="utf-8").splitlines()
    good = [next(line for line in golden if f".{name}." in line) for name in ("died", "paid", "enrolled")]
    unknown = json.dumps({**json.loads(good[0]), "type": "dibao.nothing.x.v1", "id": f"N-{way}"})
    file = tmp_path / "facts.ndjson"
    file.write_text("\n".join([good[0], "", good[1], "{", good[2], unknown, ""]), encoding="utf-8")
    told = await terminal.run("publish", file, "--via", way, "--format", "json", code=3)
    rejects = json.loads(told.stdout)["rejects"]
    assert [(each["line"] if way == "http" else each["row"], each["code"]) for each in rejects] == [
        (4, "json-expected"),
        (6, "type-unknown"),
    ]
    assert rejects[0]["reason"].startswith("第4行")


async def test_rows_without_a_serial_are_said_in_one_sentence(terminal: Terminal, tmp_path: Path) -> None:
    days = ["2021-06-31" if at == 5 else f"2021-06-{1 + at % 28:02d}" for at in range(30)]
    file = tmp_path / "deaths.csv"
    rows = "".join(f",金和义,500102195203141276,{day},2021-06-30,荔枝街道\r\n" for day in days)
    file.write_text("流水号,姓名,身份证号,死亡日期,登记日期,登记机关\r\n" + rows, encoding="utf-8")
    told = await terminal.run("publish", file, "--context", "vitals", "--source", "/office/x", code=3)
    said = [line.strip() for line in told.output.splitlines() if line.startswith("  ")]
    assert [each.partition("  [")[0] for each in said] == [
        "第2-31行“流水号”：应填写流水号，或上报时注明批次（batch）",
        "第7行“死亡日期”：应为日期，如 2021-06-28",
    ]


async def test_simulated_streets_go_straight_to_kafka(terminal: Terminal, tmp_path: Path) -> None:
    street = ("simulate", "--households", "30", "--from", "2021-01", "--to", "2021-02", "--no-files")
    told = await terminal.run(*street, "--to-kafka", "--out", tmp_path)
    lines = (tmp_path / "facts.ndjson").read_text(encoding="utf-8").splitlines()
    assert f"Kafka acknowledged {len(lines)} records" in told.output
    await terminal.run("wait", "--timeout", "60")
    assert await terminal.rows("dlq", "list") == []
    paid = {str(event_id_of(fact["source"], fact["id"])) for fact in map(json.loads, lines)}
    held = {row["event_id"] for row in await terminal.rows("ledger", "payments")}
    assert len(held) > 30
    assert held < paid


def test_without_a_stack_nothing_is_published(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (
        ("DIBAO_KAFKA", "127.0.0.1:1"),
        ("DIBAO_DATABASE_URL", "postgresql://127.0.0.1:1/none"),
        ("DIBAO_OPERATOR_KEY", "dk.none"),
    ):
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(app, ["simulate", "--households", "1000000", "--to-kafka"])
    assert isinstance(result.exception, StackError)
    assert str(result.exception) == "Kafka does not answer at 127.0.0.1:1."


async def test_a_dead_letter_is_listed_shown_and_sent_again(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "broken.ndjson"
    file.write_text('{"type":"dibao.payments.paid.v1","id":"x1"}\n', encoding="utf-8")
    await terminal.run("publish", file, "--via", "kafka")
    await terminal.run("wait", "--timeout", "60")
    letters = await terminal.rows("dlq", "list")
    assert [letter["number"] for letter in letters] == [0]
    assert "x1" in (await terminal.run("dlq", "show", "0", "--reason", "查看原因")).output
    assert "x1" not in letters[0]["reason"]
    await terminal.run("dlq", "redrive", "0")
    await terminal.run("wait", "--timeout", "60")
    assert [letter["redriven_at"] is None for letter in await terminal.rows("dlq", "list")] == [False, True]


async def test_an_upstream_is_added_and_may_only_do_its_own(terminal: Terminal, tmp_path: Path) -> None:
    added = await terminal.run("source", "add", "/bank/x", "--contexts", "payments", "--area", "500102008")
    key = added.output.splitlines()[-1].strip()
    assert key.startswith("dk.")
    foreign = next(line for line in GOLDEN.read_text(encoding="utf-8").splitlines() if ".paid." in line)
    file = tmp_path / "foreign.ndjson"
    file.write_text(foreign + "\n", encoding="utf-8")
    refused = await terminal.run("publish", file, "--key", key, code=3)
    assert "退回 1" in refused.output
    assert (await terminal.rows("source", "list"))[0]["areas"] == "500102008"
    await terminal.run("source", "revoke", "/bank/x")


def _key_in(result: Result) -> str:
    return str(result.output.splitlines()[-1].strip())


async def test_a_sources_key_is_renewed_and_added_again_after_it_was_revoked(
    terminal: Terminal, tmp_path: Path
) -> None:
    run = terminal.run
    fact = next(line for line in GOLDEN.read_text(encoding="utf-8").splitlines() if ".paid." in line)
    file = tmp_path / "fact.ndjson"
    file.write_text(fact + "\n", encoding="utf-8")
    name = json.loads(fact)["source"]

    async def good(key: str) -> bool:
        result = await asyncio.to_thread(
            CliRunner().invoke, app, ["publish", str(file), "--key", key], env=terminal.environment
        )
        assert result.exit_code == 0 or "应提供有效的密钥" in result.output, result.output
        return result.exit_code == 0

    added = ("source", "add", name, "--contexts", "payments", "--area", "*")
    first = _key_in(await run(*added))
    second = _key_in(await run("source", "renew", name, "--former-hours", "24"))
    assert first != second and await good(first) and await good(second), "both, for a day"
    assert (await terminal.rows("source", "list"))[0]["former_until"]
    third = _key_in(await run("source", "renew", name))
    assert [await good(key) for key in (first, second, third)] == [False, False, True], "at once"
    assert "revoke it first, or renew" in (await run(*added, code=2)).output
    await run("source", "revoke", name)
    assert not await good(third)
    fourth = _key_in(await run("source", "add", name, "--contexts", "payments,relief", "--area", "*"))
    assert [await good(key) for key in (third, fourth)] == [False, True]
    assert (await terminal.rows("source", "list"))[0]["contexts"] == "payments, relief"
    assert "no source of that name" in (await run("source", "renew", "/nobody", code=2)).output

    narrower = await run("source", "add", f"{name}/branch", "--contexts", "payments", "--area", "*")
    assert f"The key of {name} may state facts of {name}/branch as well" in narrower.output.replace("\n", " ")
    wider = await run("source", "add", name.rpartition("/")[0], "--contexts", "payments", "--area", "*")
    assert wider.output.count("as well") == 2


async def test_keys_of_readers_and_of_the_operator(terminal: Terminal) -> None:
    run = terminal.run
    key = _key_in(await run("access", "add", "王芳", "--may-open"))
    assert key.startswith("rd.")
    assert "renew or revoke" in (await run("access", "add", "王芳", code=2)).output
    assert _key_in(await run("access", "renew", "王芳", "--former-hours", "1")) != key
    await run("access", "revoke", "王芳")
    rows = {row["name"]: row for row in await terminal.rows("access", "list")}
    assert rows["王芳"]["revoked_at"] and rows["王芳"]["may_open"] and not rows["operator"]["revoked_at"]
    assert "holds no key" in (await run("access", "renew", "王芳", code=2)).output

    # The operator's key is its own: renewing it changes nothing that is sealed, and the old one ends.
    renewed = await run("access", "renew", "operator")
    assert "op." not in renewed.output, "it is not printed"
    assert terminal.operator_file.stat().st_mode & 0o777 == 0o600
    found = terminal.operator_file.read_text(encoding="ascii").strip()
    assert found.startswith("op.") and found != OPERATOR_KEY
    await run("receipt", "00000000-0000-5000-8000-000000000001", code=1)
    await run("publish", GOLDEN)
    terminal.operator_file.write_text(OPERATOR_KEY, encoding="ascii")
    result = await asyncio.to_thread(
        CliRunner().invoke, app, ["publish", str(GOLDEN)], env=terminal.environment
    )
    assert result.exit_code == 1
    assert "应提供有效的密钥" in result.output


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("publish", "nowhere.ndjson"), "There is no file nowhere.ndjson"),
        (("anomalies", "--village", "5"), "village: expected a village's name or division code"),
        (("anomalies", "--as-of", "20210630"), "expected a day such as 2021-06-28"),
        (("anomalies", "--limit", "99999999999999999999"), "1<=x<=1000000"),
        (("explain", "nonsense"), "not a valid UUID"),
        (("ledger", "payments", "--month", "2021-13"), "month: expected a month such as 2021-06"),
        (("ledger", "payments", "--household", "H 1"), "household: expected a household's number"),
        (("ledger", "payments", "--until", "2021-02-30"), "expected a day such as 2021-06-28"),
        (("ledger", "custody", "--programme", "tekun"), "programme: the ledger custody has no such filter"),
        (("ledger", "payments", "--out", "payments.doc"), "let its name end in .xlsx, .pdf or .csv"),
        (("ledger", "payments", "--out", "payments.csv", "--limit", "1"), "leave --limit out"),
        (("ledger", "payments", "--out", "a.pdf", "--encoding", "gb18030"), "--encoding is of a .csv"),
        (("ledger", "debts"), "There is no ledger debts; expected one of: applications, campaign"),
        (("annex2", "--until", "0001-01-01"), "expected a day such as 2021-06-28"),
        (("close-day", "2021-6"), "expected a day such as 2021-06-28"),
        (("receipt", "nonsense"), "not a valid UUID"),
        (("receipt", "00000000-0000-4000-8000-000000000000", "--context", "x"), "x is no context"),
        (("annex2", "--until", "2021-10-31", "--rows"), "--rows needs --cell"),
        (
            ("annex2", "--until", "2021-10-31", "--out", "annex2.doc"),
            "let its name end in .xlsx, .pdf or .csv",
        ),
        (("annex2", "--until", "2021-10-31", "--programme", "x"), "There is no programme x"),
        (("serve", "nothing"), "There is no service nothing"),
        (("simulate",), "Say where to"),
        (("simulate", "--out", "/nonexistent", "--from", "2021-02", "--to", "2021-01"), "is after the last"),
    ],
)
def test_a_wrong_call_is_answered_with_a_sentence(words: tuple[str, ...], sentence: str) -> None:
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == 2
    assert sentence in result.output


@pytest.mark.parametrize("name", ["authorization", "Authorization", "AUTHORIZATION"])
def test_a_key_in_a_header_is_not_shown_however_it_is_written(name: str) -> None:
    assert "dk." not in shown_header(name, b"Bearer dk.a-key")
    assert shown_header("Trace", b"00-1") == "00-1"
