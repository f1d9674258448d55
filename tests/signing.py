"""Records as dibao's own processes write them, for tests that write the log themselves."""

from events.codec import encode
from events.envelope import Event
from services.platform.authorship import LogKeys
from services.platform.settings import Settings

Signed = tuple[bytes, bytes, list[tuple[str, bytes]]]


def signed(settings: Settings, topic: str, event: Event) -> Signed:
    """Return key, value and headers of an event on a topic, signed with the deployment's log key."""
    key, value, headers = encode(event)
    return key, value, [*headers, LogKeys.from_settings(settings).mac(topic, key, value, headers)]
