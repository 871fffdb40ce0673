"""The list of components of a release: what cyclonedx-py makes of the lock, with the licences of what is installed.

``python -m tests.support.supply.sbom RAW OUT --installed SITE_PACKAGES`` by a Python that has ``cyclonedx``. The same
lock and the same packages give the same bytes: no time, no number by chance.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from email.message import Message
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any, Final, cast

_OSI: Final = "License :: OSI Approved :: "
_LONGEST: Final = 64  # characters: some have the whole text where its name should be


def completed(bom: dict[str, Any], installed: Iterable[Distribution]) -> dict[str, Any]:
    """``bom`` with licences, and with references that do not change with the lines of the lock."""
    licences = {_folded(one.metadata["Name"]): licence_of(one) for one in installed}
    references = {part["bom-ref"]: part["purl"] for part in bom["components"]}
    for part in bom["components"]:
        part["bom-ref"] = part["purl"]
        part.pop("description", None)  # the line of the lock
        if licence := licences.get(_folded(part["name"])):
            part["licenses"] = [licence]
    for link in bom.get("dependencies", ()):
        link["ref"] = references.get(link["ref"], link["ref"])
        if "dependsOn" in link:
            link["dependsOn"] = sorted(references.get(ref, ref) for ref in link["dependsOn"])
    return bom


def licence_of(package: Distribution) -> dict[str, Any] | None:
    """As CycloneDX has it: an SPDX expression if the package says one, else the name it gives."""
    said: Message = cast("Message", package.metadata)  # which is what it is; its own type promises less
    if expression := said.get("License-Expression"):
        return {"expression": expression}
    named = str(said.get("License", ""))
    if not named or len(named) > _LONGEST or "\n" in named:
        classified = [line for line in said.get_all("Classifier", []) if line.startswith(_OSI)]
        named = ", ".join(line.removeprefix(_OSI) for line in classified)
    return {"license": {"name": named}} if named else None


def without_licence(bom: dict[str, Any]) -> list[str]:
    return [part["name"] for part in bom["components"] if "licenses" not in part]


def _folded(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def main() -> None:
    from cyclonedx.schema import SchemaVersion  # type: ignore[import-not-found] # in a place of its own: make sbom
    from cyclonedx.validation.json import JsonStrictValidator  # type: ignore[import-not-found]

    parser = argparse.ArgumentParser(prog="python -m tests.support.supply.sbom", description=__doc__)
    parser.add_argument("raw", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--installed", metavar="SITE_PACKAGES", required=True)
    options = parser.parse_args()
    bom = completed(json.loads(options.raw.read_text()), distributions(path=[options.installed]))
    text = json.dumps(bom, indent=2, sort_keys=True) + "\n"
    if error := JsonStrictValidator(SchemaVersion.from_version(bom["specVersion"])).validate_str(text):
        sys.exit(f"no valid CycloneDX {bom['specVersion']}: {error}")
    options.out.write_text(text)
    sys.stdout.write(f"{options.out}: {len(bom['components'])} components, CycloneDX {bom['specVersion']}\n")
    if unknown := without_licence(bom):
        sys.stdout.write(f"No licence is known of: {', '.join(unknown)}\n")


if __name__ == "__main__":
    main()
