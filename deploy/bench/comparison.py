"""The baselines of detection, on the same log: how they are run, and what is believed of them."""

import json
from collections.abc import Sequence

from aiokafka.admin import NewTopic

from deploy import program
from deploy.bench import logs
from deploy.bench.ground import Ground, Site
from deploy.bench.measure import Measure, expect
from deploy.bench.usage import Usage
from events.catalogue import log_topic
from services.platform.kafka import administration

_BASELINES = (
    ("faust_agent", "textbook Faust: one agent, one Table (memory), one rule", "textbook Faust"),
    ("quix", "quixstreams: one rule, RocksDB state", "quixstreams"),
)
_SECONDS = 900.0


async def baselines(ground: Ground, site: Site, ours: Measure | None) -> Sequence[Measure]:
    """Measure both on the log of payments. ``ratio`` is detection's facts/s, with their rule, to theirs.

    Raises LostFactsError if the two, who have the same rule, do not find equally much.
    """
    topic = log_topic(site.settings.topic_prefix, "payments")
    count = await logs.length(site.settings, ("payments",))
    await _create(site, [f"{topic}-{module}-findings" for module, *_ in _BASELINES])
    measures: list[Measure] = []
    findings: set[int] = set()
    for module, what, short in _BASELINES:
        name = f"{site.name}-{module}"
        file, folder = site.files / f"{module}.json", site.files / module
        folder.mkdir()
        before = ground.usage()
        command = program.command(f"deploy.bench.baselines.{module}")
        command += [site.settings.kafka, topic, str(count), str(file), str(folder)]
        await ground.run(site, name, command)
        try:
            await ground.wait_for(file, name, _SECONDS)
            servers = ground.usage() - before
        finally:
            await ground.stop(name)
        found = json.loads(file.read_text(encoding="utf-8"))
        expect(f"records that {short} has processed", found["count"], count)
        findings.add(found["findings"])
        usage = Usage(servers.kafka, servers.postgres, found["cpu"])
        note = f"{found['findings']} findings"
        measure = Measure("detection", what, count, found["seconds"], usage, note=note)
        if ours is not None and measure.rate:
            measure = measure.ratio_of(ours, f"detection, the same rule, 1 worker, to {short}")
        measures.append(measure)
    expect("numbers of findings of the baselines", len(findings), 1)
    return measures


async def _create(site: Site, topics: Sequence[str]) -> None:
    """Create the topics for the baselines' findings: brokers here create none by themselves."""
    async with administration(site.settings) as admin:
        await admin.create_topics([NewTopic(topic, site.settings.partitions, 1) for topic in topics])
