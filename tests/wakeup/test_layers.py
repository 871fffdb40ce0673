"""The rooms of the message side stand on each other, and no import runs upwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import ROOT
from tests.test_project import imports_of, python_files

WAKEUP = ROOT / "wakeup"
#: Each imports only itself and those before it.
LAYERS = (
    "locks",
    "models",
    "formats",
    "recording",
    "counts",
    "retention",
    "history",
    "probe",
    "listener",
    "pages",
    "monitoring",
    "api",
    "admin",
    "management",
)
#: Django's own: what applied migrations do is fixed, so they may not lean on code that changes.
ALONE = ("apps", "migrations")


def layer_of(path: Path) -> str:
    return path.relative_to(WAKEUP).with_suffix("").parts[0]


def layers_imported(path: Path) -> set[str]:
    """``wakeup`` for an import of the package itself, whose names this would not see."""
    return {module.split(".")[:2][-1] for module in imports_of(path) if module.split(".")[0] == "wakeup"}


@pytest.mark.parametrize("layer", [*LAYERS, *ALONE])
def test_a_layer_imports_only_those_before_it(layer: str) -> None:
    allowed = {*LAYERS[: LAYERS.index(layer)], layer} if layer in LAYERS else set()
    files = [path for path in python_files(WAKEUP) if layer_of(path) == layer]
    assert files
    assert not {path.name: above for path in files if (above := sorted(layers_imported(path) - allowed))}


def test_every_file_belongs_to_a_layer() -> None:
    assert {layer_of(path) for path in python_files(WAKEUP)} == {"__init__", *LAYERS, *ALONE}
