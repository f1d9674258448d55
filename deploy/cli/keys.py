"""``dibao keys``: which keys there are, and new ones for those that can be renewed."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.cli.database import ask_database
from deploy.cli.doctor import MasterKey, master_key
from deploy.cli.output import Format, FormatOption, console, fail, show
from deploy.deployment import current, environment, operator_file, run, settings_of
from events.values import local_date
from services.journal.keeping import load_signer, renew_key
from services.journal.tree import JournalError
from services.platform.access import find_holder
from services.platform.authorship import LogKeys
from services.platform.database import Pool
from services.platform.failure import PipelineStoppedError
from services.platform.keys import KeyFileError, Keys, keep_secret
from services.platform.settings import Settings
from services.platform.vault import proof_of

app = typer.Typer(help="The deployment's own keys: what each is, and a new one.", no_args_is_help=True)
renewing = typer.Typer(help="Make a new key; what the former ones closed stays open.", no_args_is_help=True)
app.add_typer(renewing, name="renew")

_STATES = {
    MasterKey.good: "正常",
    MasterKey.missing: "缺失",
    MasterKey.other: "不是本库的密钥",
    MasterKey.tokens: "令牌算法与设置不符",
}


def register(root: typer.Typer) -> None:
    """Hang this group into the root."""
    root.add_typer(app, name="keys")


@app.command("list")
def list_all(form: FormatOption = Format.table) -> None:
    """List the keys by their fingerprints, where each is kept, and whether it is the one that is needed."""
    settings = current().settings
    rows: list[dict[str, Any]] = []

    def add(name: str, file: Path | None, fingerprint: str, state: str) -> None:
        rows.append({"name": name, "file": file and str(file), "fingerprint": fingerprint, "state": state})

    try:
        fingerprint = proof_of(Keys.from_settings(settings)).hex()[:8]
    except KeyFileError:
        fingerprint = ""
    add("master", settings.master_key_file, fingerprint, _STATES[run(master_key(settings))])
    try:
        for number, named in enumerate(LogKeys.from_settings(settings).ids):
            add("log", settings.log_key_file, named, "验证" if number else "签名")
    except KeyFileError:
        add("log", settings.log_key_file, "", _STATES[MasterKey.missing])
    try:
        add("journal", settings.journal_key_file, load_signer(settings.journal_key_file).key.id.hex(), "签名")
    except KeyFileError:
        add("journal", settings.journal_key_file, "", "不在本机")
    file = operator_file()
    if file.exists():
        key = file.read_text(encoding="ascii").strip()
        holder = ask_database(lambda pool: find_holder(pool, key))
        add("operator", file, "" if holder is None else holder.name, "失效" if holder is None else "正常")
    columns = [("name", "密钥"), ("file", "文件"), ("fingerprint", "指纹"), ("state", "状态")]
    show(rows, form, columns=columns, title="密钥")


def _files() -> Settings:
    """Where the files are, whether or not anything runs."""
    return settings_of(environment("", ""))


@renewing.command("log")
def renew_log() -> None:
    """Add a key to the log key file, with which everybody checks and nobody signs yet."""
    file = _files().log_key_file
    try:
        before = LogKeys.load(file)
        keep_secret(file, before.with_new(), anew=True)
        named = LogKeys.load(file).ids[-1]
    except KeyFileError as error:
        raise fail(f"{error}.") from None
    console.print(
        f"The log key {named} is in {file}. Back the file up, bring it to every machine on which dibao "
        f"runs, and then: `dibao keys use {named}`.",
        soft_wrap=True,
    )


@app.command("use")
def use(
    named: Annotated[str, typer.Argument(help="The log key's id, as `dibao keys list` names it.")],
) -> None:
    """Let a log key sign, which is in the file already: who writes goes over to it within seconds."""
    file = _files().log_key_file
    try:
        keep_secret(file, LogKeys.load(file).with_first(named), anew=True)
    except KeyFileError as error:
        raise fail(f"{error}.") from None
    console.print(
        f"{named} stands first in {file}: on this machine who writes signs with it within seconds. Do the "
        "same on the others. The former keys stay in the file as long as the log does.",
        soft_wrap=True,
    )


@renewing.command("letters")
def renew_letters() -> None:
    """Seal dead letters with a new key from now on; those that there are stay readable for their weeks."""

    async def work(pool: Pool) -> Any:
        return await pool.fetchval("SELECT vault.renew_letters($1)", local_date(datetime.now(UTC)))

    console.print(f"Dead letters are sealed as {ask_database(work)} from now on.")


@renewing.command("journal")
def renew_journal() -> None:
    """Sign the journal with a new key. The service `journal` must not run meanwhile; it catches up.

    The checkpoint of each partition is signed by both, and kept: from what the former key has signed a proof
    leads to it, and from there with the new key on.
    """
    try:
        former, key, folder = renew_key(_files())
    except (KeyFileError, JournalError, PipelineStoppedError) as error:
        raise fail(f"{str(error).rstrip('.')}.") from None
    console.print(
        f"The journal is signed with {key}.\nBefore it was {former}. What both have signed is in {folder}: "
        "give it to whoever checks, with the new key. Back up the key file.",
        soft_wrap=True,
    )
