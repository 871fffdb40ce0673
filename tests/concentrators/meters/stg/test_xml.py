"""XML within bounds: no document type, no entities, no depth, no giants (MET-2)."""

from __future__ import annotations

import re

import pytest

from concentrators.meters.stg import StgError, xml
from concentrators.meters.stg.xml import (
    DEEPEST,
    LONGEST_TAG,
    MOST_ATTRIBUTES,
    MOST_NAMES,
    Element,
    parse,
)


def shape(element: Element) -> object:
    return (element.name, element.attributes, [shape(child) for child in element.children])


def test_a_tree_has_names_without_prefixes_attributes_and_lines() -> None:
    root = parse('<x:a xmlns:x="u"\n><b c="1"/>\n\n<y:d><e/></y:d></x:a>')
    assert shape(root) == ("a", {"xmlns:x": "u"}, [("b", {"c": "1"}, []), ("d", {}, [("e", {}, [])])])
    assert [element.line for element in root.within("b", "d")] == [2, 4]


def test_what_is_within_is_in_the_files_order_and_not_inside_of_one_found() -> None:
    root = parse("<a><b><c><b/></c></b><d><b/><c/></d></a>")
    assert [element.name for element in root.within("b", "c")] == ["b", "b", "c"]
    assert list(root.within("a")) == []


def test_text_is_kept_where_it_is_asked_for() -> None:
    root = parse("<a>x<b> 1 &lt;&amp;<![CDATA[<c>]]></b><c>2</c></a>", frozenset("b"))
    assert [child.text for child in root.children] == [" 1 <&<c>", ""]


@pytest.mark.parametrize("text", ["", " \n", "\ufeff"])
def test_nothing_is_no_document(text: str) -> None:
    with pytest.raises(StgError):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a SYSTEM 'file:///etc/hostname'><a/>",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        "<!DOCTYPE a [<!ENTITY % b SYSTEM 'http://127.0.0.1/'> %b;]><a/>",
    ],
)
def test_a_document_type_is_refused_whatever_it_declares(text: str) -> None:
    with pytest.raises(StgError, match="DOCTYPE"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("<a>\n&b;</a>", "line 2, column 1"),
        ("<a>\n<b></a>", "line 2, column 6"),
        ("<a/>\n<b/>", "line 2"),
        ("<a/>x", "line 1"),
        ("<a b='1' b='2'/>", "line 1"),
        ("<a b=1/>", "line 1"),
        ("<a>&#x110000;</a>", "line 1"),
        ("<a/>\n\nx", "line 3, column 1"),
    ],
)
def test_what_is_not_well_formed_is_refused_with_the_place(text: str, where: str) -> None:
    with pytest.raises(StgError, match=where):
        parse(text)


@pytest.mark.parametrize(
    ("text", "begins"),
    [("no XML", "no XML"), ('{"a": 1}', '{"a": 1}'), ("\na;b;c\n1;2;3", "a;b;c"), ("PK\x03<", "PK\ufffd<")],
)
def test_what_is_no_xml_is_named_by_its_beginning(text: str, begins: str) -> None:
    with pytest.raises(StgError, match=re.escape(f"it begins with “{begins}”")):
        parse(text)


@pytest.mark.parametrize("text", ["<a>", "<a><b/>", "<a", "<a><![CDATA[x", "<a b='", "<a/><!-- "])
def test_what_breaks_off_is_refused_as_such(text: str) -> None:
    with pytest.raises(StgError, match="breaks off"):
        parse(text)


def test_bounds_hold_and_one_less_is_read() -> None:
    parse("<a>" * DEEPEST + "</a>" * DEEPEST)
    parse("<a " + " ".join(f"b{number}=''" for number in range(MOST_ATTRIBUTES)) + "/>")
    parse("<a>" + "<b/>" * 1000 + "</a>")
    parse("<a b='" + "x" * (LONGEST_TAG - 10) + "'/>")
    parse("<a>" + "x" * (LONGEST_TAG + 10) + "</a>")
    parse("<a><![CDATA[" + "x" * (LONGEST_TAG + 10) + "]]></a>")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("<a>" * (DEEPEST + 1), f"more than {DEEPEST} deep"),
        ("<a " + " ".join(f"b{number}=''" for number in range(MOST_ATTRIBUTES + 1)) + "/>", "attributes"),
        ("<a>" + "".join(f"<b{number}/>" for number in range(MOST_NAMES + 1)) + "</a>", "different names"),
        ("<a>\n<b c='" + "x" * LONGEST_TAG + "'/></a>", "Line 2: a tag is longer"),
        ("<a>\n<b c='>' d='" + ">" * LONGEST_TAG + "'/></a>", "Line 2: a tag is longer"),
        ("<" + "a" * LONGEST_TAG, "Line 1: a tag"),
    ],
)
def test_giants_are_refused(text: str, sentence: str) -> None:
    with pytest.raises(StgError, match=sentence):
        parse(text)


def test_too_many_elements_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "MOST_ELEMENTS", 10)
    parse("<a>" + "<b/>" * 9 + "</a>")
    with pytest.raises(StgError, match="more than 10 elements"):
        parse("<a>" + "<b/>" * 10 + "</a>")
