"""Replay: a generation built anew from the log, as ``dibao rebuild`` does it, in a process of its own."""

import json

from deploy.bench import logs
from deploy.bench.ground import Ground, Site
from deploy.bench.measure import Measure, expect
from deploy.bench.usage import Usage
from events.catalogue import CONTEXTS as ALL
from services.detection.facts import CONTEXTS as DETECTED

_SECONDS = 1800.0
_CONTEXTS = {"projector": ALL, "detection": DETECTED}
_WHAT = {
    "projector": "projection rebuilt, log to swap",
    "detection": "detection rebuilt, log to swap",
}


async def rebuild(ground: Ground, site: Site, name: str, *, compare: bool = False) -> Measure:
    """Measure the rebuild of ``projector`` or ``detection``.

    ``compare``: a live generation of the same log is there, and detection must find the same again.
    """
    process, mark = f"{site.name}-rebuild-{name}", site.files / f"rebuild-{name}.mark"
    count = await logs.length(site.settings, _CONTEXTS[name])
    await ground.rest()
    before = ground.usage()
    await ground.start(site, process, "rebuild", name, "--mark", str(mark))
    try:
        await ground.wait_for(mark, process, _SECONDS)
        servers = ground.usage() - before
        await ground.finish(process, 60)
    finally:
        await ground.stop(process)
    found = json.loads(mark.read_text(encoding="utf-8"))
    expect("records that the rebuild has read", found["records"], count)
    if compare:
        expect("rebuilds that differ from live detection", found["differences"], 0)
    usage = Usage(servers.kafka, servers.postgres, found["cpu"])
    return Measure("replay", _WHAT[name], count, found["seconds"], usage)
