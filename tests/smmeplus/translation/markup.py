"""What a page shows, read from its HTML."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Protocol
from xml.etree.ElementTree import Element, TreeBuilder

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})


class Answer(Protocol):
    """What a test's client gets."""

    @property
    def content(self) -> bytes: ...


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.builder = TreeBuilder()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.builder.start(tag, {name: value or "" for name, value in attrs})
        if tag in VOID:
            self.builder.end(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.builder.end(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            self.builder.end(tag)

    def handle_data(self, data: str) -> None:
        self.builder.data(data)


def parse(response: Answer) -> Element:
    """The answer's HTML, a whole page or a part of one, under an element ``root``."""
    parser = _Parser()
    parser.builder.start("root", {})
    parser.feed(response.content.decode())
    parser.builder.end("root")
    return parser.builder.close()


def text(element: Element | None) -> str:
    """The text of ``element`` as a browser shows it, in one line."""
    assert element is not None, "there is no such element"
    return " ".join("".join(element.itertext()).split())


def texts(root: Element, path: str) -> list[str]:
    """The texts of all elements at ``path``."""
    return [text(element) for element in root.findall(path)]


def with_class(root: Element, name: str) -> list[Element]:
    """The elements that have the class ``name``."""
    return [element for element in root.iter() if name in element.get("class", "").split()]


def headers(root: Element) -> list[str]:
    """The column headers of the first table."""
    return texts(root, ".//thead[1]/tr/*")


def rows(root: Element) -> list[list[str]]:
    """The cells of the tables' rows; the row of an empty table is none."""
    found = [texts(row, "td") for row in root.findall(".//tbody/tr") if row.find("td[@class='empty']") is None]
    return [row for row in found if row]


def column(root: Element, header: str) -> list[str]:
    """The cells under ``header``."""
    place = headers(root).index(header)
    return [row[place] for row in rows(root)]


def links(root: Element) -> dict[str, str]:
    """The addresses of the links by their texts."""
    return {text(link): link.get("href", "") for link in root.iter("a")}


def alerts(root: Element) -> list[str]:
    """What is said in coloured boxes."""
    return [text(element) for element in with_class(root, "alert")]


def field(root: Element, name: str) -> Element:
    """The input or drop-down called ``name``."""
    return next(
        element for element in root.iter() if element.tag in ("input", "select") and element.get("name") == name
    )


def label(root: Element, name: str) -> Element:
    """The label of the field called ``name``."""
    wanted = field(root, name).get("id", "")
    return next(element for element in root.iter("label") if element.get("for") == wanted)


def options(root: Element, name: str) -> dict[str, str]:
    """What the drop-down called ``name`` offers, texts by value."""
    return {option.get("value", ""): text(option) for option in field(root, name).iter("option")}


def selected(root: Element, name: str) -> str:
    """The value that the drop-down called ``name`` shows."""
    return next(option.get("value", "") for option in field(root, name).iter("option") if "selected" in option.attrib)
