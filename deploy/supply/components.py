"""Everything of others that a checkout uses: what pip, Maven and npm install for it, with licences."""

import base64
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, Final, Literal

from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from deploy.local import prerequisites
from deploy.local.errors import StackError
from deploy.local.jars import POM
from deploy.local.kafka import JAVA_ENVIRONMENT
from deploy.local.settings import CHECKOUT

Kind = Literal["pypi", "maven", "npm"]

_PINNED: Final = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)(?:\s*;\s*([^\\]+))?", re.MULTILINE)
_CLASSIFIER: Final = re.compile(r"License :: (?:OSI Approved :: )?(.+)")
_EMPTY: Final = {"OSI Approved", "DFSG approved"}
_SHORT: Final = 60
"""A longer text under License is the licence itself, not its name."""
_MAVEN_SECONDS: Final = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One package in one version. ``licences``: as it names them itself, all of which hold.

    ``needs``: the places of purls of what it needs; ``digests``: by algorithm, in hex.
    """

    kind: Kind
    name: str
    version: str
    purl: str
    licences: tuple[str, ...]
    needs: tuple[str, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.kind} {self.name} {self.version}"


def components(kinds: Sequence[Kind] = ("pypi", "maven", "npm"), root: Path = CHECKOUT) -> list[Component]:
    """Return what a checkout is made of, by purl. Raises StackError where that cannot be said whole."""
    found = [each for kind in kinds for each in _READ[kind](root)]
    return sorted(found, key=lambda each: each.purl)


# --- Python: what the lock pins, as it is installed beside this process ---


def _python(root: Path) -> list[Component]:
    pinned: dict[str, tuple[str, str]] = {}
    for name, version, marker in _PINNED.findall((root / "requirements.lock").read_text(encoding="utf-8")):
        if not marker or Requirement(f"{name} ; {marker}").marker.evaluate():  # type: ignore[union-attr]
            pinned[canonicalize_name(name)] = name, version
    purls = {
        key: PackageURL("pypi", name=key, version=version).to_string() for key, (_, version) in pinned.items()
    }
    found = []
    for key, (name, version) in pinned.items():
        try:
            installed = distribution(name)
        except PackageNotFoundError:
            raise StackError(f"{name} {version} of requirements.lock is not installed: make venv") from None
        if installed.version != version:
            raise StackError(
                f"{name} is installed as {installed.version}, and requirements.lock has {version}: make venv"
            )
        component = Component(
            kind="pypi",
            name=name,
            version=version,
            purl=purls[key],
            licences=_said(installed),
            needs=tuple(sorted(purls[need] for need in _needs(installed) if need in purls)),
        )
        found.append(component)
    return found


def _needs(installed: Distribution) -> set[str]:
    wanted = [Requirement(line) for line in installed.requires or ()]
    return {
        canonicalize_name(each.name)
        for each in wanted
        if each.marker is None or each.marker.evaluate({"extra": ""})
    }


def _said(installed: Distribution) -> tuple[str, ...]:
    # An expression (PEP 639) says it exactly; what came before, a short text and classifiers, says less.
    said = installed.metadata
    if "License-Expression" in said:
        return (said["License-Expression"],)
    text = said["License"].strip() if "License" in said else ""
    classified = [found[1] for line in said.get_all("Classifier") or () if (found := _CLASSIFIER.match(line))]
    if named := [name for name in classified if name not in _EMPTY]:
        return tuple(named)
    return (text,) if text and len(text) < _SHORT else ()


# --- Java: what Maven resolves from pom.xml, as its CycloneDX plugin says it ---


def _java(root: Path) -> list[Component]:
    maven, pom = prerequisites.maven(), root / POM.relative_to(CHECKOUT)
    with tempfile.TemporaryDirectory(prefix="dibao-sbom-") as folder:
        done = subprocess.run(
            [
                *(maven, "-B", "-q", "--strict-checksums", "-f", str(pom)),
                *("org.cyclonedx:cyclonedx-maven-plugin:makeBom", "-DoutputFormat=json"),
                *(f"-DoutputDirectory={folder}", "-DoutputName=jars", "-DincludeLicenseText=false"),
            ],
            capture_output=True,
            text=True,
            timeout=_MAVEN_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **JAVA_ENVIRONMENT},
        )
        file = Path(folder) / "jars.json"
        if done.returncode != 0 or not file.exists():
            told = [line for line in done.stdout.splitlines() if line.startswith("[ERROR]")]
            reason = told[0].removeprefix("[ERROR]").strip() if told else f"it ended with {done.returncode}"
            raise StackError(f"Maven could not list the jars of {pom}: {reason}")
        listed = json.loads(file.read_bytes())
    purls = {each["bom-ref"]: _plain(each["purl"]) for each in listed["components"]}
    needs = {each["ref"]: each.get("dependsOn", ()) for each in listed.get("dependencies", ())}
    return [
        Component(
            kind="maven",
            name=f"{each['group']}:{each['name']}",
            version=each["version"],
            purl=purls[each["bom-ref"]],
            licences=tuple(_licence_of_jar(one) for one in each.get("licenses", ())),
            needs=tuple(sorted(purls[ref] for ref in needs.get(each["bom-ref"], ()) if ref in purls)),
            digests={digest["alg"]: digest["content"] for digest in each.get("hashes", ())},
        )
        for each in listed["components"]
    ]


def _licence_of_jar(said: Mapping[str, Any]) -> str:
    licence = said.get("license", {})
    return str(said.get("expression") or licence.get("id") or licence.get("name"))


def _plain(purl: str) -> str:
    # Advisories are kept by name and version alone.
    return PackageURL.from_string(purl)._replace(qualifiers=None).to_string()


# --- JavaScript: what the lock of npm pins, for the tests ---


def _javascript(root: Path) -> list[Component]:
    lock = json.loads((root / "tests" / "contract" / "package-lock.json").read_bytes())
    found: dict[str, Component] = {}
    for place, package in lock["packages"].items():
        if not place:
            continue
        name, version = place.rpartition("node_modules/")[2], package["version"]
        scope, _, short = name.rpartition("/")
        purl = PackageURL("npm", scope or None, short, version).to_string()
        algorithm, _, digest = package["integrity"].partition("-")
        assert algorithm == "sha512"
        found[purl] = Component(
            kind="npm",
            name=name,
            version=version,
            purl=purl,
            licences=(package["license"],) if package.get("license") else (),
            digests={"SHA-512": base64.b64decode(digest).hex()},
        )
    return list(found.values())


_READ: Final[Mapping[Kind, Callable[[Path], list[Component]]]] = {
    "pypi": _python,
    "maven": _java,
    "npm": _javascript,
}
