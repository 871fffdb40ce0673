"""Accessibility of a page in a browser, by the rules of axe-core (UI-3)."""

from textwrap import indent
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

from tests.plugins.effort import IN_CI


def check_accessible(page: Page) -> None:
    """Fail, with rule, element and remedy of each, if what ``page`` shows now violates a rule of axe-core."""
    if page.evaluate("typeof axe === 'undefined'"):  # half a megabyte, which the next screen of a page has already
        page.evaluate(AXE_SCRIPT)
    violations = page.evaluate("async () => (await axe.run({resultTypes: ['violations']})).violations")
    if violations:
        pytest.fail(f"{page.url} is not accessible:\n" + "\n".join(map(_describe, violations)), pytrace=False)


def check_still_accessible(page: Page) -> None:
    """The same, in CI alone: for what has been looked at and has changed. Some pages take the rules a second."""
    if IN_CI:
        check_accessible(page)


def _describe(violation: dict[str, Any]) -> str:
    heading = f"- {violation['id']} ({violation['impact']}): {violation['help']}, see {violation['helpUrl']}"
    return "\n".join([heading, *map(_describe_node, violation["nodes"])])


def _describe_node(node: dict[str, Any]) -> str:
    target = " ".join(map(str, node["target"]))
    return f"    {target}: {node['html'][:200]}\n" + indent(node["failureSummary"], " " * 8)
