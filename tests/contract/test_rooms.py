"""The rooms of the house: imports run one way between them and inside them, and none grows out of proportion."""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests import ROOT
from tests.test_project import imports_of, python_files

#: From the ground up: each may import itself and what stands before it. A module belongs to the longest name it begins
#: with.
LAYERS = (
    "smmeplus.dlms",
    "smmeplus.common",
    "profiles",
    "concentrators.models",
    "concentrators.keys.encryption",
    "concentrators.keys.passwords",
    "concentrators.keys.rights",
    "concentrators.keys.rotating",
    "concentrators.keys.rules",
    "concentrators.keys.used",
    "concentrators.keys.counters",
    "concentrators.companies",
    "concentrators.finding",
    "concentrators.filters",
    "concentrators.tables",
    "concentrators.rules",
    "concentrators.procedures",
    "concentrators.keys.storing",
    "concentrators.configuration.addresses",
    "concentrators.configuration.hearing",
    "concentrators.configuration.values",
    "concentrators.configuration.states",
    "concentrators.configuration.procedure",
    "concentrators.configuration.transport",
    "concentrators.configuration.between",
    "concentrators.configuration.outcomes",
    "concentrators.configuration.securing",
    "concentrators.configuration.jobs",
    "concentrators.configuration.storing",
    "concentrators.configuration.rollouts",
    "concentrators.configuration.power_logs",
    "concentrators.configuration.figures",
    "concentrators.configuration.writer",
    "concentrators.configuration",
    "concentrators.rollouts",
    "concentrators.importing",
    "concentrators.upload",
    "concentrators.keys",
    "concentrators.planned",
    "concentrators.meters.lists",
    "concentrators.meters.names",
    "concentrators.meters.stg",
    "concentrators.meters.spreadsheets",
    "concentrators.meters.conflicts.rules",
    "concentrators.meters.conflicts.settling",
    "concentrators.meters.topology",
    "concentrators.meters.storing",
    "concentrators.meters.conflicts",
    "concentrators.meters.master",
    "concentrators.meters.importing",
    "concentrators.meters.upload",
    "concentrators.meters.pages",
    "concentrators.meters",
    "concentrators.simulator",
    "concentrators.api",
    "concentrators",
    "wakeup.models",
    "wakeup.formats",
    "wakeup.locks",
    "wakeup.recording",
    "wakeup.counts",
    "wakeup.retention",
    "wakeup.listener.metrics",
    "wakeup.listener.writers",
    "wakeup.listener.keys",
    "wakeup.listener.connections",
    "wakeup.listener.tls",
    "wakeup.listener.vitals",
    "wakeup.listener",
    "wakeup.between",
    "wakeup.writing",
    "wakeup.history",
    "wakeup.probe",
    "wakeup.pages",
    "wakeup.api",
    "wakeup.monitoring.expected",
    "wakeup.monitoring.status",
    "wakeup.monitoring.verdicts",
    "wakeup.monitoring.arrivals",
    "wakeup.monitoring.changes",
    "wakeup.monitoring.outages",
    "wakeup.monitoring.incidents",
    "wakeup.monitoring.alarms",
    "wakeup.monitoring.notifications",
    "wakeup.monitoring.desk",
    "wakeup.monitoring.overview",
    "wakeup.monitoring.concentrator",
    "wakeup.monitoring.inventory",
    "wakeup.monitoring.configurations",
    "wakeup.monitoring",
    "wakeup",
    "reports",
    "smmeplus",
)
#: What the share of a room is reckoned by; ``concentrators.meters`` and ``wakeup.monitoring`` are rooms of their own.
ROOMS = (
    "smmeplus",
    "profiles",
    "concentrators",
    "concentrators.meters",
    "wakeup",
    "wakeup.monitoring",
    "reports",
)
LARGEST_SHARE = 0.33
MODULES_OF_A_FOLDER = 15


def product_files() -> list[Path]:
    return [
        path for path in python_files() if path.relative_to(ROOT).parts[0] in ROOMS and "migrations" not in path.parts
    ]


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def longest_of(names: tuple[str, ...], module: str) -> str:
    """The longest of ``names`` that ``module`` is or lies in; empty if none."""
    return max((name for name in names if f"{module}.".startswith(f"{name}.")), key=len, default="")


@cache
def imports() -> dict[str, set[str]]:
    """The modules of the product that each imports anywhere: at its head, in a function, for the types alone."""
    files = {module_of(path): path for path in product_files()}
    return {module: set(_imported(path, module, files)) - {module} for module, path in files.items()}


def _imported(path: Path, module: str, files: dict[str, Path]) -> set[str]:
    found = set()
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            names = {f"{source}.{alias.name}" for alias in node.names}
            found |= {name for name in names if name in files}
            if not names <= files.keys():
                found.add(source)
    return found & files.keys()


def test_every_module_has_a_layer() -> None:
    assert not [module for module in imports() if not longest_of(LAYERS, module)]


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_imports_only_layers_below_it(layer: str) -> None:
    above = LAYERS[LAYERS.index(layer) + 1 :]
    wrong = {
        module: names
        for module, imported in imports().items()
        if longest_of(LAYERS, module) == layer
        and (names := sorted(name for name in imported if longest_of(LAYERS, name) in above))
    }
    assert not wrong


def test_no_modules_import_each_other_in_a_circle() -> None:
    try:
        TopologicalSorter(imports()).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(reversed(error.args[1])))


def test_a_circle_is_found() -> None:
    with pytest.raises(CycleError):
        TopologicalSorter({**imports(), "smmeplus.dlms.errors": {"smmeplus.urls"}}).prepare()


def test_migrations_stand_by_themselves() -> None:
    """What an applied migration does is fixed, so it may not lean on code that changes."""
    migrations = [path for path in python_files() if path.parent.name == "migrations"]
    wrong = {path.name: sorted(name for name in imports_of(path) if longest_of(ROOMS, name)) for path in migrations}
    assert migrations
    assert not {name: imported for name, imported in wrong.items() if imported}


def test_no_room_holds_more_than_a_third_of_the_house() -> None:
    lines = Counter[str]()
    for path in product_files():
        lines[longest_of(ROOMS, module_of(path))] += len(path.read_text().splitlines())
    shares = {room: count / lines.total() for room, count in lines.items()}
    assert not {room: round(share, 3) for room, share in shares.items() if share > LARGEST_SHARE}


def test_no_folder_holds_more_modules_than_a_reader_can_keep_apart() -> None:
    folders = Counter(path.relative_to(ROOT).parent for path in python_files() if path.name != "__init__.py")
    exempt = {Path("tests/bench"), *(folder for folder in folders if folder.name == "migrations")}
    assert not {str(folder): n for folder, n in folders.items() if n > MODULES_OF_A_FOLDER and folder not in exempt}
