"""One target under libFuzzer: ``python -m tests.fuzz.looking TARGET REACHED BROKEN -max_total_time=60 …``."""

import logging
import sys
from hashlib import sha256
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["services.intake", "services.platform.batches", "events"]):
    from tests.fuzz.corpus import name_of, seeds
    from tests.fuzz.targets import TARGETS


def main() -> None:
    """Look until libFuzzer ends the process."""
    program, target, reached, broken, *options = sys.argv
    for data in seeds(target):
        (Path(reached) / sha256(data).hexdigest()[:40]).write_bytes(data)
    logging.disable()  # a fault of ours is logged where it is met: here it is raised
    tried = TARGETS[target]

    def try_one(data: bytes) -> None:
        if not data:
            return
        try:
            tried(data)
        except Exception:
            (Path(broken) / name_of(target, data)).write_bytes(data[1:])
            raise

    atheris.Setup([program, reached, *options], try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
