"""Choices on the pages of two tables, posted as the browser posts them."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from django.test import Client
from django.urls import reverse

from tests.smmeplus.translation.markup import parse, with_class

PAGES = ["installation", "modification", "removal"]
CHANGED_BY_ANOTHER = "None of these concentrators can be chosen any more: another operator has changed them."
CHANGED = "What you chose has changed meanwhile, so nothing was done. Look once more:"


def url(view: str) -> str:
    return reverse(f"concentrators:{view}")


def ask(client: Client, view: str, **chosen: Any) -> Element:
    """The dialog with the question or the errors."""
    return parse(client.post(url(view), chosen, headers={"HX-Request": "true"}))


def table(client: Client, view: str, query: str = "", **chosen: Any) -> Element:
    """The table of concentrators as a browser asks for it where something is selected."""
    headers = {"HX-Request": "true", "HX-Target": "choose-concentrators"}
    return parse(client.post(url(view) + query, chosen, headers=headers))


def ticked(shown: Element) -> list[str]:
    """The serial numbers whose boxes are ticked."""
    return [box.get("aria-label", "") for box in shown.iter("input") if "checked" in box.attrib]


def selected_items(shown: Element) -> int:
    (foot,) = with_class(shown, "choose-foot")
    return int(foot.get("data-selected", ""))


def confirm(client: Client, view: str, count: int, **chosen: Any) -> Any:
    """The answer to the confirmation of ``count`` concentrators."""
    return client.post(url(view), chosen | {"confirmed": str(count)}, headers={"HX-Request": "true"})


def questions(dialog: Element) -> list[str]:
    return [question.text or "" for question in with_class(dialog, "question")]
