"""What looks like a secret in a text: those of dibao, and those of others that detect-secrets knows."""

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from typing import NamedTuple

from detect_secrets import plugins
from detect_secrets.plugins.base import RegexBasedDetector

OWN = {
    "key of a source, a reader or an operator": re.compile(r"\b(?:dk|rd|op)\.[A-Za-z0-9_-]{43}\b"),
    "secret of a webhook": re.compile(r"\bwhsec_[A-Za-z0-9+/]{32,}"),
    "key of 32 bytes": re.compile(r"(?<![0-9A-Za-z:-])[0-9a-f]{64}(?![0-9A-Za-z])"),
    "signing key of the journal": re.compile(r"PRIVATE\+KEY\+[^\s\"'<>{]{20,}"),
    "private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "password in a line of settings": re.compile(
        r"(?i)^[ \t]*[\"']?[\w.-]*(?:password|passwd|secret|token)[\w.-]*[\"']?[ \t]*[:=][ \t]*"
        r"[\"']?(?=[^\s\"']*[0-9])(?=[^\s\"']*[a-zA-Z])([^\s\"'{}$()\[\]<>,;]{12,})[\"']?[ \t]*,?$",
        re.MULTILINE,
    ),
}

PASSED_OVER = {
    *("IPPublicDetector", "PrivateKeyDetector", "ArtifactoryDetector", "BasicAuthDetector"),
    *("IbmCloudIamDetector", "IbmCosHmacDetector", "SoftlayerDetector", "CloudantDetector"),
}
"""An address is no secret; keys and passwords are looked for here more exactly; the third takes any AP… for
one; the others take seconds, for places where nothing of dibao is."""

_PASSWORD_IN_ADDRESS = re.compile(r"://[^:/\s\"'<>{}$]+:([^@/\s\"'<>{}$…*]{8,})@[\w.\[{]")


class Looks(NamedTuple):
    """Something that looks like a secret; ``digest`` names it without showing it."""

    kind: str
    digest: str


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    found = [*OWN.items(), ("password in an address", _PASSWORD_IN_ADDRESS)]
    for module in pkgutil.iter_modules(plugins.__path__):
        loaded = importlib.import_module(f"{plugins.__name__}.{module.name}")
        for name, each in vars(loaded).items():
            if (
                isinstance(each, type)
                and issubclass(each, RegexBasedDetector)
                and not inspect.isabstract(each)
                and each.__module__ == loaded.__name__
                and name not in PASSED_OVER
            ):
                found += [(str(each.secret_type), pattern) for pattern in each().denylist]
    return found


def secrets_in(text: str) -> Iterator[Looks]:
    """Yield what looks like a secret."""
    for kind, pattern in _patterns():
        for match in pattern.finditer(text):
            value = match[match.lastindex or 0]
            yield Looks(kind, sha256(value.encode()).hexdigest()[:16])
