"""The list of components as a CycloneDX document."""

import tomllib
from collections.abc import Sequence
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component as Listed
from cyclonedx.model.component import ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from deploy.local.settings import CHECKOUT
from deploy.supply.components import Component
from deploy.supply.licences import Policy, licence_of


def document(components: Sequence[Component], by: Policy, root: Path = CHECKOUT) -> str:
    """Return the components, their licences and what needs what, as CycloneDX 1.6 in JSON."""
    licences = LicenseFactory()
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    bom = Bom()
    bom.metadata.component = whole = Listed(
        name=project["name"],
        version=project["version"],
        description=project["description"],
        type=ComponentType.APPLICATION,
        bom_ref="dibao",
        licenses=[licences.make_from_string("Apache-2.0")],
    )
    listed: dict[str, Listed] = {}
    for each in components:
        purl = PackageURL.from_string(each.purl)
        licence = licence_of(each, by)
        listed[each.purl] = Listed(
            name=purl.name,
            group=purl.namespace or None,
            version=each.version,
            purl=purl,
            bom_ref=each.purl,
            hashes=[
                HashType(alg=HashAlgorithm(name), content=digest) for name, digest in each.digests.items()
            ],
            licenses=[licences.make_from_string(licence)] if licence else [],
        )
    bom.components.update(listed.values())
    bom.register_dependency(whole, listed.values())
    for each in components:
        bom.register_dependency(listed[each.purl], [listed[need] for need in each.needs])
    return JsonV1Dot6(bom).output_as_string(indent=1)
