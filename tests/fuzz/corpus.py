"""The corpus: inputs that failed once, or are odd: ``corpus/<target>/<context>.<what it is>``.

Of ``records`` the first word is a number: how they are packed, and how many they say they are.
"""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from events.catalogue import BY_TYPE
from tests.bad_input.cases.outcomes import FILES, cases
from tests.bad_input.good import encoded, good_event
from tests.fuzz.targets import CONTEXTS, SOURCE

CORPUS = Path(__file__).with_name("corpus")


def kept(target: str) -> Iterator[tuple[str, bytes]]:
    """Yield the names and inputs that are kept of a target."""
    for file in sorted((CORPUS / target).iterdir()):
        first = file.name.partition(".")[0]
        number = int(first) if target == "records" else CONTEXTS.index(first)
        yield file.name, bytes([number]) + file.read_bytes()


def seeds(target: str) -> Iterator[bytes]:
    """Yield what looking begins with: the corpus, the cases of real life, and a good event of every type."""
    yield from (data for _, data in kept(target))
    for case in cases():
        if not case.tested and case.name.endswith(f".{target}") and (FILES / case.name).exists():
            yield bytes([CONTEXTS.index(case.context)]) + (FILES / case.name).read_bytes()
    if target == "event":
        for name, entry in BY_TYPE.items():
            if entry.from_upstream:
                raw = encoded(good_event(name, "nr", SOURCE))
                yield bytes([CONTEXTS.index(entry.context)]) + raw


def name_of(target: str, data: bytes) -> str:
    """Return the name under which an input is kept."""
    first = str(data[0]) if target == "records" else CONTEXTS[data[0] % len(CONTEXTS)]
    return f"{first}.found-{sha256(data).hexdigest()[:12]}"
