"""docs/requirements.md has every requirement that is cited, and says truly what is built."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "docs" / "requirements.md"
FAMILIES = "SET|PRO|CON|CFG|WIR|LIS|STA|REP|SIM|UI|API|ACC|OPS|PER|MET|PRC|SEC"
#: One id, or the first and the last number of several: ``CON-2…4``.
CITATION = re.compile(rf"\b({FAMILIES})-(\d+)(?:…(\d+))?")
ROW = re.compile(rf"\| ((?:{FAMILIES})-\d+) \| ([^|]+\.) \| ([^|]*)\|")
NOT_BUILT = "Not built yet"
OF_THE_SPECIFICATION = re.compile(r"section \d+ of the specification|\(section \d+\)")
SUFFIXES = {".py", ".html", ".md"}


def project_files() -> Iterator[Path]:
    """Those that may cite a requirement."""
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in {"var", "__pycache__"}]
        yield from (path for path in (Path(folder, name) for name in files) if path.suffix in SUFFIXES)


def ids_in(text: str) -> set[str]:
    return {
        f"{family}-{number}"
        for family, first, last in CITATION.findall(text)
        for number in range(int(first), int(last or first) + 1)
    }


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def citations() -> dict[str, set[str]]:
    """The ids that each file cites, by its path below the root; not those of the list and of this file."""
    files = (path for path in project_files() if path not in {LIST, Path(__file__).resolve()})
    return {name_of(path): ids for path in files if (ids := ids_in(path.read_text("utf-8")))}


def rows() -> list[tuple[str, str]]:
    """Each requirement with its state."""
    return [(found[1], found[3].strip()) for line in LIST.read_text("utf-8").splitlines() if (found := ROW.match(line))]


def states() -> dict[str, str]:
    return dict(rows())


def is_product(path: str) -> bool:
    return Path(path).suffix != ".md" and not path.startswith("tests/")


def test_a_citation_may_be_of_several_requirements() -> None:
    assert ids_in("pages (CON-2…4, UI-1); SHA-256, GUI-3") == {"CON-2", "CON-3", "CON-4", "UI-1"}


def test_every_row_of_a_requirement_has_its_id_words_and_state() -> None:
    lines = [line for line in LIST.read_text("utf-8").splitlines() if re.match(r"\|\s*[A-Z]+-\d", line)]
    assert len(lines) > 100
    assert [line for line in lines if not ROW.fullmatch(line)] == []


def test_no_requirement_is_there_twice() -> None:
    assert [name for name, count in Counter(name for name, _ in rows()).items() if count > 1] == []


def test_a_state_says_what_is_missing() -> None:
    pattern = re.compile(rf"|Partly: .+|{NOT_BUILT}(: .+)?")
    assert {name: state for name, state in rows() if not pattern.fullmatch(state)} == {}


def test_every_requirement_that_is_cited_is_there() -> None:
    known = states().keys()
    assert {path: sorted(ids - known) for path, ids in citations().items() if ids - known} == {}


def test_the_product_cites_nothing_that_is_not_built() -> None:
    unbuilt = {name for name, state in rows() if state.startswith(NOT_BUILT)}
    assert {
        path: sorted(ids & unbuilt) for path, ids in citations().items() if is_product(path) and ids & unbuilt
    } == {}


def test_what_is_built_is_cited_by_code_or_a_test() -> None:
    cited = set().union(*(ids for path, ids in citations().items() if not path.endswith(".md")))
    assert sorted(name for name, state in rows() if not state and name not in cited) == []


def test_no_docstring_cites_a_section_of_what_is_not_in_the_repository() -> None:
    product = [path for path in project_files() if path.suffix == ".py" and is_product(name_of(path))]
    assert len(product) > 100
    assert [name_of(path) for path in product if OF_THE_SPECIFICATION.search(path.read_text("utf-8"))] == []
