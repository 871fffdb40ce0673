"""What of a page is still English, by the messages of the catalogues; and what of a template nobody can translate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from xml.etree.ElementTree import Element

from django.template.base import Lexer, TokenType
from django.utils.translation import gettext, ngettext, override

from tests.smmeplus.translation.catalogues import Message, messages_in_use

#: Attributes that a browser shows or reads out.
SHOWN = ("aria-label", "title", "placeholder", "alt", "data-label", "data-forbidden", "data-failed", "data-unreachable")
#: What needs no translation: the product's name, and signs that are the same everywhere.
NAMES = re.compile(r"\b(SMM ePlus( - SMART METERS MANAGER)?|UTC|h)\b")
#: What the codec says of a frame: the words of the standards, of the logs and of what is stored.
UNTRANSLATED = {"stray-lines"}
_TEXT, _NUMBER = re.compile(r"%(\\\(\w+\\\))?s"), re.compile(r"%(\\\(\w+\\\))?d")
_OPENING, _CLOSING = ("blocktranslate", "comment"), ("endblocktranslate", "endcomment")


def english_in(page: Element, language: str) -> set[str]:
    """The texts of ``page`` that are messages in English, of those that ``language`` has another word for."""
    english = _english(language)
    return {text for text in _texts(page) if english.fullmatch(text)}


def _texts(element: Element) -> Iterator[str]:
    if element.tag != "code" and element.get("id") not in UNTRANSLATED:
        for text in (element.text, *(element.get(name) for name in SHOWN)):
            yield " ".join((text or "").split())
        for child in element:
            yield from _texts(child)
            yield " ".join((child.tail or "").split())


@cache
def _english(language: str) -> re.Pattern[str]:
    with override(language):
        texts = {text for message in messages_in_use() for text, there in _forms(message) if text != there}
    patterns = (re.escape(" ".join(text.split())) for text in texts)
    return re.compile("|".join(_TEXT.sub(".+", _NUMBER.sub(r"\\d+", pattern)) for pattern in sorted(patterns)))


def _forms(message: Message) -> list[tuple[str, str]]:
    """The English forms of ``message``, each with that of the language in force."""
    if not message.plural:
        return [(message.singular, gettext(message.singular))]
    return [
        (form, ngettext(message.singular, message.plural, number))
        for number, form in ((1, message.singular), (2, message.plural))
    ]


def unmarked_in(template: str) -> list[str]:
    """The texts and shown attributes of ``template`` with a letter in them that stand in no tag of translation."""
    parser = _Texts()
    parser.feed("".join(_outside_of_translation(template)))
    return parser.found


def _outside_of_translation(template: str) -> Iterator[str]:
    is_inside = False
    for token in Lexer(template).tokenize():
        word = token.contents.partition(" ")[0]
        if token.token_type == TokenType.BLOCK and word in _OPENING + _CLOSING:
            is_inside = word in _OPENING
        if token.token_type == TokenType.TEXT and not is_inside:
            yield token.contents
        elif token.token_type == TokenType.VAR:
            yield "…"


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if re.search(r"[^\W\d_]", NAMES.sub("", text)):
            self.found.append(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in SHOWN and value:
                self.handle_data(value)
