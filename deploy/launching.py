"""Our services on a stack: what they need before they start, their processes, what is rebuilt for them."""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import httpx

from deploy import keys
from deploy.deployment import PROCESSES, WITH_HTTP, base_url, current, environment, settings_of
from deploy.local import Stack, StackError, StackSettings, down, status, supervision, up
from deploy.local.processes import TELL_SECONDS
from deploy.local.settings import port_named
from deploy.local.stack import kind_of
from deploy.program import command
from deploy.rooms import rooms_of

if TYPE_CHECKING:
    from deploy.rebuilding import Showing

Tell = Callable[[str], None]

_PATIENCE = 60.0

_IDLE_SECONDS = 120.0
"""A service that does not answer is waited for as long as it does something, and so long after that."""


_ON_GENERATIONS = ("detection", "projector", "alerting", "reporting")
"""What fills a generation, or reads one, goes on as it is until that of this code is there."""


def launch(tell: Tell, *, supervisor: bool = True, brokers: int = 0, replica: bool = False) -> Stack:
    """Start what does not run of servers and services, and return when all of them serve.

    What runs is left alone where it runs this code with the settings of now; where something cannot be
    started, what was started is stopped again. What goes by generations is left alone until
    `bring_up_to_date`. ``brokers``, ``replica``: those of StackSettings.
    """
    settings = replace(StackSettings.from_environment(), brokers=brokers, replica=replica)
    alive = {process.name for process in status(settings) if process.running}
    stack = up(settings, tell)
    try:
        _prepare(stack, alive, tell)
        waiting = alive.intersection(_ON_GENERATIONS)
        start_services(stack, [name for name in PROCESSES if name not in waiting], tell)
        await_services(stack, list(PROCESSES), tell)
        if supervisor:
            start_supervisor(stack)
    except BaseException:
        down(settings, spare=alive)
        raise
    return stack


def bring_up_to_date(stack: Stack, tell: Tell, showing: "Showing") -> None:
    """Rebuild what other code than this has filled of ledgers and findings; then restart who goes by them.

    Where a rebuild fails all goes on running as it does.
    """
    from deploy.rebuilding import rebuild_due

    rebuild_due(current(), tell, showing)
    await_services(stack, start_services(stack, _ON_GENERATIONS, tell), tell)


def _prepare(stack: Stack, alive: set[str], tell: Tell) -> None:
    # Whoever stops or restarts something need not wait for these.
    from deploy.migrations import apply_roles, upgrade
    from services.platform.failure import patiently
    from services.platform.signing import note_signed
    from services.platform.topics import create_topics

    platform = settings_of(environment(stack.kafka, stack.database_url, stack.replication))
    tell("Bringing the database's durable tables up to date, and the topics")
    upgrade(platform.database_url)
    if stack.settings.database_url is None:
        asyncio.run(apply_roles(platform.database_url))
    asyncio.run(keys.make_master_key(platform, tell))
    asyncio.run(keys.make_log_key(platform, tell))
    made = asyncio.run(create_topics(platform))
    # Where nothing of ours ran, nobody wrote who does not sign; of others' machines we know nothing.
    alone = stack.settings.kafka is None and alive.isdisjoint(PROCESSES)
    # A broker that was just started may need a while for its first answers.
    asyncio.run(
        patiently(lambda: note_signed(platform, made, older=alone), _PATIENCE, "The noting of signed topics")
    )
    asyncio.run(keys.make_operator(platform.database_url, tell))


def start_services(stack: Stack, names: Iterable[str], tell: Tell) -> list[str]:
    """Start processes that do not run, and again those of other code or settings; return which these were."""
    begun = {name: why for name in names if (why := start_service(stack, name)) is not None}
    if new := [name for name, why in begun.items() if not why]:
        tell(f"Starting {', '.join(new)}")
    for reason in dict.fromkeys(why for why in begun.values() if why):
        again = [name for name, why in begun.items() if why == reason]
        tell(f"Restarting {', '.join(again)}: {reason}")
    return list(begun)


def start_service(stack: Stack, name: str) -> str | None:
    """Start one process of ours on a running stack; None where it runs already, so and of this code.

    Else the answer says why what ran was ended, and is empty where nothing ran.

    In a PostgreSQL of our own it works as its own role; in another one as whom the settings name.
    """
    from deploy.migrations.roles import url_of

    url = stack.database_url
    if stack.settings.database_url is None:
        url = url_of(url, PROCESSES[name][0])
    wanted = environment(stack.kafka, url, stack.replication)
    code, why = rooms_of(PROCESSES[name]), ""
    if stack.is_there(name):
        if name in WITH_HTTP:
            wanted["DIBAO_PORT"] = str(stack.settings.ports.get(name) or stack.port(name))
        why = _why_again(stack, name, wanted, code)
        if not why:
            return None
        stack.stop(name)
    if name in WITH_HTTP:
        wanted["DIBAO_PORT"] = str(stack.port(name))
    stack.start(name, command("deploy.cli", "serve", *PROCESSES[name]), wanted, code=code)
    return why


def _why_again(stack: Stack, name: str, wanted: Mapping[str, str], code: Sequence[str]) -> str:
    """Say why what runs is not what would be started now; nothing where it is."""
    if not stack.runs_code(name, code):
        return "what ran was of other code"
    if stack.record(name).settings is None:
        return "with which settings it began was not kept"
    changed = [one for one in stack.changed_settings(name, wanted) if concerns(name, one)]
    return f"changed since it began: {', '.join(changed)}" if changed else ""


def concerns(name: str, setting: str) -> bool:
    """Return whether a process goes by a setting: not by another one's own, nor by where others listen."""
    # Whoever stops or restarts something need not wait for these.
    from services.alerting.settings import AlertingSettings
    from services.reporting.settings import ReportingSettings

    port = port_named(setting)
    if port is not None and (port in PROCESSES or kind_of(port.replace("_", "-")) is not None):
        return False
    for owner, own in (("alerting", AlertingSettings), ("reporting", ReportingSettings)):
        if setting in {f"{own.model_config['env_prefix']}{field}".upper() for field in own.model_fields}:
            return name == owner
    return True


def start_supervisor(stack: Stack) -> None:
    """Start what starts again what dies, where it does not run, or is of other code or settings."""
    if stack.is_there(supervision.NAME):
        if stack.runs_code(supervision.NAME, supervision.CODE) and not stack.changed_settings(
            supervision.NAME, {}
        ):
            return
        stack.stop(supervision.NAME)
    # Not told where the servers are: it would take them for servers that are none of its business.
    command_line = supervision.command_of(stack.root)
    stack.start(supervision.NAME, command_line, told=False, code=supervision.CODE)


def await_services(stack: Stack, names: list[str], tell: Tell) -> None:
    """Return when processes run, and those that listen answer. Raises StackError where one does not."""
    waiting = {
        name: (base_url(stack.port(name)) + "/health", stack.headway(name))
        for name in names
        if name in WITH_HTTP
    }
    began = told = time.monotonic()
    while waiting:
        for name in names:
            if not stack.is_running(name):
                raise StackError(
                    f"The service {name} ended while it started; its log says why: {stack.log(name)}"
                )
        for name, (url, _) in list(waiting.items()):
            try:
                if httpx.get(url, timeout=2, follow_redirects=True).status_code == 200:
                    del waiting[name]
            except httpx.HTTPError:
                continue
        idle = [name for name, (_, headway) in waiting.items() if headway.idle_seconds() > _IDLE_SECONDS]
        if idle:
            raise StackError(
                f"{', '.join(idle)} did not answer, and did nothing for {_IDLE_SECONDS:.0f} s; see the logs "
                f"in {stack.log(idle[0]).parent}."
            )
        if time.monotonic() - told >= TELL_SECONDS and waiting:
            told = time.monotonic()
            tell(f"  {told - began:.0f} s: waiting for {', '.join(waiting)}")
        time.sleep(0.2)
