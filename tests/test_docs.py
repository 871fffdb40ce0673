"""The documents lead where they say, and so do the docstrings and comments that name a file."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import ROOT
from tests.test_project import project_files, python_files

DOCS = ROOT / "docs"
DECISIONS = DOCS / "decisions"
LINK = re.compile(r"\]\((?!\w+:|#)([^)#]+)")
PRODUCT = "smmeplus|profiles|concentrators|wakeup|reports"
PACKAGE = re.compile(rf"`((?:{PRODUCT}|deploy|tests)(?:/[a-z_]+)*)/?`")
TOP = rf"(?:{PRODUCT}|deploy|docs|locale|requirements|static|templates|tests)"
#: A path from the top of the checkout on.
FILE = re.compile(rf"(?<![\w./<-]){TOP}/[\w./-]*\.[a-z]+\b")
#: A module by the end of its path, as a document names several of one folder: ``reader.py``, ``status/rules.py``.
MODULE = re.compile(r"`([a-z_]+(?:/[a-z_]+)*\.py)`")
DOCUMENTED = (".cfg", ".conf", ".example", ".service", ".timer", ".toml", ".yaml")


def pages() -> list[Path]:
    return [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]


def lasting_pages() -> list[Path]:
    """Those that speak of what is, not of what has been."""
    return [page for page in pages() if page.name != "CHANGELOG.md"]


def prose_of(source: str) -> Iterator[str]:
    """The docstrings and comments of a module."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield ast.get_docstring(node) or ""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    yield from (token.string for token in tokens if token.type == tokenize.COMMENT)


def texts() -> Iterator[tuple[Path, str]]:
    """What people read, file by file."""
    for page in lasting_pages():
        yield page, page.read_text("utf-8")
    for path in python_files():
        yield path, "\n".join(prose_of(path.read_text("utf-8")))
    for path in project_files():
        if path.suffix in DOCUMENTED or path.name in ("Makefile", "run"):
            yield path, path.read_text("utf-8")


def test_every_link_to_a_file_finds_it() -> None:
    links = [(page, link) for page in pages() for link in LINK.findall(page.read_text("utf-8"))]
    assert len(links) > 10
    assert [(page.name, link) for page, link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", lasting_pages(), ids=lambda page: page.name)
def test_every_package_that_a_document_names_is_there(page: Path) -> None:
    named = PACKAGE.findall(page.read_text("utf-8"))
    assert [name for name in named if not (ROOT / name).is_dir()] == []


def test_every_file_that_is_named_by_its_path_is_there() -> None:
    named = {(str(path.relative_to(ROOT)), name) for path, text in texts() for name in FILE.findall(text)}
    assert len(named) > 50
    assert [it for it in sorted(named) if not (ROOT / it[1]).exists()] == []


def test_a_file_is_found_in_prose_and_not_in_code() -> None:
    module = '"""See `wakeup/gone.py`, tests/gone/x.py."""\nLEADS = "docs/gone.md"  # like deploy/gone.env.example\n'
    found = [name for text in prose_of(module) for name in FILE.findall(text)]
    assert found == ["wakeup/gone.py", "tests/gone/x.py", "deploy/gone.env.example"]


@pytest.mark.parametrize("page", lasting_pages(), ids=lambda page: page.name)
def test_every_module_that_a_document_names_is_there(page: Path) -> None:
    paths = [f"/{path.relative_to(ROOT).as_posix()}" for path in python_files()]
    named = MODULE.findall(page.read_text("utf-8"))
    assert [name for name in named if not any(path.endswith(f"/{name}") for path in paths)] == []


def test_the_index_of_the_decisions_leads_to_each_once() -> None:
    index = DECISIONS / "README.md"
    pages = sorted(page.name for page in DECISIONS.glob("*.md") if page != index)
    assert sorted(LINK.findall(index.read_text("utf-8"))) == pages


def test_a_decision_says_what_it_costs_and_when_to_look_again() -> None:
    wanted = ["Context", "Decision", "Why", "What it costs", "When to look again"]
    for page in DECISIONS.glob("[!R]*.md"):
        assert re.findall(r"^## (.+)$", page.read_text("utf-8"), re.MULTILINE) == wanted, page.name


def test_the_terms_of_the_glossary_stand_once_and_in_alphabetical_order() -> None:
    groups = [
        re.findall(r"^\| (?!term \|)([^|]+?) \|", group, re.MULTILINE)
        for group in (DOCS / "glossary.md").read_text("utf-8").split("\n## ")[1:]
    ]
    terms = [term for group in groups for term in group]
    assert len(terms) > 80
    assert len(set(terms)) == len(terms)
    assert groups == [sorted(group, key=str.casefold) for group in groups]
