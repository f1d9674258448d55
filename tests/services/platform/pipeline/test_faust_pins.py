"""Canaries: the transport overrides internals of these versions. When a pin moves, or one of the internals,
read ``faust_transport.py`` against the new source, run the contract on it, and only then change this file."""

import hashlib
import inspect
from importlib.metadata import version
from typing import Any

import pytest
from aiokafka.consumer import AIOKafkaConsumer
from aiokafka.consumer.fetcher import Fetcher as KafkaFetcher
from faust.agents.agent import Agent
from faust.app.base import App
from faust.tables.recovery import Recovery
from faust.transport import conductor, consumer
from faust.transport.drivers import aiokafka as driver
from mode.threads import QueueServiceThread, ServiceThread

from services.platform import faust_transport


@pytest.mark.parametrize(
    ("package", "pinned"),
    [("faust-streaming", "0.15.3"), ("aiokafka", "0.14.0"), ("mode-streaming", "0.7.1")],
)
def test_the_version_is_the_one_whose_source_was_read(package: str, pinned: str) -> None:
    assert version(package) == pinned


def fingerprint(code: Any) -> str:
    return hashlib.sha256(inspect.getsource(code).encode()).hexdigest()[:12]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        # What the batch consumer replaces, and so must do itself.
        (consumer.Consumer.getmany, "4b168d84882a"),
        (consumer.Consumer._wait_next_records, "6218e1969a63"),
        (consumer.Consumer.commit, "a354437baaa0"),
        (consumer.Consumer.ack, "5fcf41cf4515"),
        (consumer.Consumer._add_gap, "4df2573ded7c"),
        (consumer.Consumer.on_buffer_full, "c8961679e0bc"),
        (driver.AIOKafkaConsumerThread._commit, "932852ce7a23"),
        (driver.AIOKafkaConsumerThread.on_thread_stop, "8dfc004e258b"),
        (driver.AIOKafkaConsumerThread._create_worker_consumer, "c2701bfc3e6f"),
        (App._create_directories, "a9f571c3b04a"),
        (App._new_transport, "42db531312dd"),
        # Who calls it, and in what order.
        (consumer.Consumer._drain_messages, "44a2500309e8"),
        (consumer.Consumer.perform_seek, "0e8c130ff4b0"),
        (consumer.Consumer.on_partitions_revoked, "d04b7ae72c6f"),
        (consumer.Consumer.on_stop, "45b1d2210ce2"),
        (consumer.ThreadDelegateConsumer.threadsafe_partitions_revoked, "6c55d67e9eb0"),
        (driver.AIOKafkaConsumerThread._fetch_records, "39a2c6c79fc1"),
        (driver.ConsumerRebalanceListener.on_partitions_revoked, "348c3aec879f"),
        (conductor.ConductorCompiler.build, "837cf521368c"),
        (Recovery._resume_streams, "d986a6710c1a"),
        (App._on_partitions_revoked, "d5c895bbe57d"),
        (App._on_partitions_assigned, "de932b7927db"),
        (App._stop_consumer, "55854a5de12c"),
        (Agent._execute_actor, "c750b828d2bd"),
        (QueueServiceThread.call_thread, "479edda75b54"),
        (ServiceThread.start, "f11841038a03"),
        (ServiceThread.stop, "32d026539c36"),
        (ServiceThread._serve, "67809eae0957"),
        # Taking records and moving positions without a pause in between is what makes tokens exact.
        (KafkaFetcher.fetched_records, "be4348896b9b"),
        (KafkaFetcher.seek_to, "f0ba6aba6c22"),
        # It reads how long to wait for every request anew.
        (KafkaFetcher._get_actions_per_node, "1dab2cf937d1"),
        (AIOKafkaConsumer.getmany, "bc6d248e42a4"),
        # It hands on how often to try again.
        (AIOKafkaConsumer.start, "2f1ba7044332"),
        (AIOKafkaConsumer.stop, "bc5da9c98595"),
    ],
    ids=lambda item: getattr(item, "__qualname__", ""),
)
def test_the_internal_is_as_it_was_read(code: Any, expected: str) -> None:
    assert fingerprint(code) == expected


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (faust_transport.BatchConsumer, driver.Consumer),
        (faust_transport.BatchThread, driver.AIOKafkaConsumerThread),
        (faust_transport._App, App),
        (faust_transport._Transport, driver.Transport),
    ],
)
def test_what_is_overridden_is_still_there(ours: type, theirs: type) -> None:
    own = {
        "pipeline",
        "token",
        "done",
        "fail",
        "fetch",
        "_fetch",
        "fetch_failed",
        "run",
        "_batches",
        "_process",
        "abandon",
    } | {
        "_again",
        "_bounds",
        "seek_all",
        "_seek_all",
    }
    defined = {name for name in vars(ours) if not name.startswith("__")} - own
    assert {name for name in defined if not hasattr(theirs, name)} - {"_thread"} == set()


def test_waits_of_a_fetch_are_still_where_they_are_changed() -> None:
    assert "fetch_max_wait_ms=1500" in inspect.getsource(
        driver.AIOKafkaConsumerThread._create_worker_consumer
    )
    assert "_fetch_max_wait_ms" in inspect.getsource(AIOKafkaConsumer.start)
    assert "self._fetch_max_wait_ms" in inspect.getsource(KafkaFetcher._get_actions_per_node)
    assert "self._fetcher_timeout" in inspect.getsource(KafkaFetcher._get_actions_per_node)
