"""Kafka's jars, fetched once with Maven into `.local/kafka-<version>/libs`."""

import fcntl
import os
import shutil
import subprocess
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

from deploy.local import prerequisites
from deploy.local.errors import StackError
from deploy.local.kafka import JAVA_ENVIRONMENT

POM = Path(__file__).with_name("pom.xml")


def version() -> str:
    """The version of Kafka that pom.xml names."""
    found = ET.parse(POM).findtext(".//{http://maven.apache.org/POM/4.0.0}kafka.version")  # noqa: S314
    assert found is not None
    return found


def ensure(folder: Path, say: Callable[[str], None]) -> Path:
    """The folder of Kafka's jars below `folder`; fetches them when they are not there.

    Several processes may ask at once: one fetches, the others wait for it. Raises StackError when Maven is
    missing or fails.
    """
    home = folder / f"kafka-{version()}"
    if home.exists():
        return home / "libs"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "kafka.fetch.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            _fetch(home, say)
    return home / "libs"


def _fetch(home: Path, say: Callable[[str], None]) -> None:
    maven = prerequisites.maven()
    say(f"Fetching Apache Kafka {version()} with Maven, once (about 45 MB)")
    # A whole download gets its name by a rename, so a broken one is never taken for it.
    partial = Path(tempfile.mkdtemp(prefix=f"{home.name}.partial-", dir=home.parent))
    try:
        log = partial / "maven.log"
        libs = partial / "libs"
        command = [maven, "-B", "--strict-checksums", "-f", str(POM), "dependency:copy-dependencies"]
        command += ["-DincludeScope=runtime", f"-DoutputDirectory={libs}"]
        with log.open("w") as output:
            fetching = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **JAVA_ENVIRONMENT},
            )
            _watch(fetching, log, say)
        if fetching.returncode != 0 or not (libs / f"kafka_2.13-{version()}.jar").exists():
            errors = [
                line for line in log.read_text(errors="replace").splitlines() if line.startswith("[ERROR]")
            ]
            reason = (
                errors[0].removeprefix("[ERROR]").strip()
                if errors
                else f"it ended with {fetching.returncode}"
            )
            raise StackError(
                f"Maven could not fetch Kafka {version()}: {reason}. Check the connection (or the mirror in "
                "~/.m2/settings.xml) and start again."
            )
        jars = list(libs.glob("*.jar"))
        size = sum(jar.stat().st_size for jar in jars) / 1e6
        partial.rename(home)
        home.chmod(0o755)
        say(f"Fetched Apache Kafka {version()}: {len(jars)} jars, {size:.0f} MB, into {home}")
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _watch(fetching: subprocess.Popen[bytes], log: Path, say: Callable[[str], None]) -> None:
    """Waits for Maven, and says every five seconds how many files have come."""
    told = time.monotonic()
    try:
        while True:
            try:
                fetching.wait(0.2)
                return
            except subprocess.TimeoutExpired:
                pass
            if time.monotonic() - told >= 5:
                told = time.monotonic()
                files = log.read_text(errors="replace").count("Downloaded from")
                say(f"  {files} files fetched so far")
    finally:
        if fetching.poll() is None:
            fetching.terminate()
            fetching.wait()
