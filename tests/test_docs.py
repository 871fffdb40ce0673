"""The documents lead where they say."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
DECISIONS = DOCS / "decisions"
LINK = re.compile(r"\]\((?!\w+:|#)([^)#]+)")


def pages() -> list[Path]:
    return [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md"))]


def test_every_link_to_a_file_finds_it() -> None:
    links = [(page, link) for page in pages() for link in LINK.findall(page.read_text("utf-8"))]
    assert len(links) > 10
    assert [(page.name, link) for page, link in links if not (page.parent / link).exists()] == []


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
