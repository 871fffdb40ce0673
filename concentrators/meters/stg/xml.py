"""XML as a tree of elements, within bounds: no document type, no entities, no namespaces (MET-2).

Expat does the reading. A document type is refused when it begins, so nothing can be declared, and an entity that XML
itself does not know is an error. Prefixes are cut off names: concentrators of different makers choose different ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NoReturn
from xml.parsers import expat
from xml.parsers.expat import errors

from django.utils.translation import gettext as _

from concentrators.importing.errors import shown
from concentrators.meters.stg.errors import StgError

DEEPEST = 32
MOST_ELEMENTS = 700_000
MOST_ATTRIBUTES = 256  # of an element
MOST_NAMES = 5_000  # of elements and attributes in a file; expat remembers each
LONGEST_TAG = 2**16  # characters
_LONG = re.compile(f"<[^<]{{{LONGEST_TAG},}}")
_TAG = re.compile("""<(?:"[^"<]*"|'[^'<]*'|[^<>"'])*>""")
_MARKED = "<![CDATA["
_CUT_OFF = {
    errors.codes[message]
    for message in (
        errors.XML_ERROR_NO_ELEMENTS,
        errors.XML_ERROR_UNCLOSED_TOKEN,
        errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
        errors.XML_ERROR_PARTIAL_CHAR,
    )
}


class Element:
    """``line`` counts from 1, as in an editor. ``text`` is kept for the elements of ``Tree.texts`` alone."""

    __slots__ = ("attributes", "children", "line", "name", "text")

    def __init__(self, name: str, attributes: dict[str, str], line: int) -> None:
        self.name = name
        self.attributes = attributes
        self.line = line
        self.children: list[Element] = []
        self.text = ""

    def within(self, *names: str) -> Iterator[Element]:
        """Those below it that have one of ``names``, in the file's order; not those inside of one of them."""
        for child in self.children:
            if child.name in names:
                yield child
            elif child.children:
                yield from child.within(*names)


def parse(text: str, texts: frozenset[str] = frozenset()) -> Element:
    """The root. Raises StgError, which says where."""
    if not text.lstrip().startswith("<"):
        raise _no_xml(text.strip())
    _refuse_long_tags(text)
    return _Tree(texts).parse(text)


class _Tree:
    def __init__(self, texts: frozenset[str]) -> None:
        self.texts = texts
        self.count = 0
        self.above: list[Element] = []
        self.top = Element("", {}, 0)
        self.pieces: list[str] = []
        self.expat = expat.ParserCreate()
        self.expat.StartElementHandler = self._start
        self.expat.EndElementHandler = self._end
        self.expat.StartDoctypeDeclHandler = _refuse_doctype

    def parse(self, text: str) -> Element:
        self.above.append(self.top)
        try:
            self.expat.Parse(text, True)
        except expat.ExpatError as error:
            raise _error_of(error) from error
        return self.top.children[0]

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if self.count > MOST_ELEMENTS:
            raise StgError(_("The file has more than %(most)d elements.") % {"most": MOST_ELEMENTS})
        if len(self.above) > DEEPEST:
            raise self._error(_("Line %(line)d: elements stand in each other more than %(most)d deep."), DEEPEST)
        if len(attributes) > MOST_ATTRIBUTES:
            raise self._error(_("Line %(line)d: an element has more than %(most)d attributes."), MOST_ATTRIBUTES)
        if len(self.expat.intern) > MOST_NAMES:
            raise self._error(_("Line %(line)d: the file has more than %(most)d different names."), MOST_NAMES)
        element = Element(name.rpartition(":")[2], attributes, self.expat.CurrentLineNumber)
        self.above[-1].children.append(element)
        self.above.append(element)
        if element.name in self.texts:
            self.pieces.clear()
            self.expat.CharacterDataHandler = self.pieces.append

    def _end(self, _name: str) -> None:
        element = self.above.pop()
        if element.name in self.texts:
            self.expat.CharacterDataHandler = None
            element.text = "".join(self.pieces)

    def _error(self, sentence: str, most: int) -> StgError:
        return StgError(sentence % {"line": self.expat.CurrentLineNumber, "most": most})


def _no_xml(text: str) -> StgError:
    if not text:
        return StgError(_("The file is empty."))
    return StgError(_("The file is no XML: it begins with “%s”.") % shown(text.splitlines()[0]))


def _refuse_long_tags(text: str) -> None:
    """Expat reads a tag as a whole, with all its attributes, before anybody can stop it."""
    for found in _LONG.finditer(text):
        start = found.start()
        if not text.startswith(_MARKED, start) and not _TAG.match(text, start, start + LONGEST_TAG):
            words = {"line": text.count("\n", 0, start) + 1, "most": LONGEST_TAG}
            raise StgError(_("Line %(line)d: a tag is longer than %(most)d characters, or has no end.") % words)


def _refuse_doctype(*_declaration: object) -> NoReturn:
    raise StgError(_("The file declares a document type (DOCTYPE). Reports of concentrators have none."))


def _error_of(error: expat.ExpatError) -> StgError:
    words = {"line": error.lineno, "column": error.offset + 1, "error": expat.ErrorString(error.code)}
    if error.code in _CUT_OFF:
        return StgError(_("The file breaks off in line %(line)d. Nothing of it was read. Send it again.") % words)
    return StgError(
        _("The file is no well-formed XML: line %(line)d, column %(column)d: %(error)s. Nothing of it was read.")
        % words
    )
