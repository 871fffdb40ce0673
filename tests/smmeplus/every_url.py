"""Every address of the product, found in its URL resolver."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver, resolve

EXAMPLES = {"int": "1", "path": "1", "str": "1", "slug": "a", "uuid": "00000000-0000-4000-8000-000000000000"}
_CONVERTER = re.compile(r"<(?:(\w+):)?\w+>")
_GROUP = re.compile(r"\((?:\?P<\w+>)?[^()]*\)")


def every_path() -> list[str]:
    """An address for each view, with 1 for each argument."""
    return sorted(set(_paths(get_resolver().url_patterns, "/")))


def paths_without_arguments() -> list[str]:
    """The addresses of all views that need no argument."""
    return [path for path in every_path() if not resolve(path).kwargs and not resolve(path).args]


def _paths(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for pattern in patterns:
        path = before + _example(str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from _paths(pattern.url_patterns, path)
        else:
            resolve(path)  # or the example is none
            yield path


def _example(route: str) -> str:
    """What ``route``, of either kind, matches for example."""
    if route.startswith("^") or route.endswith("$"):
        return _GROUP.sub("1", route.strip("^$"))
    return _CONVERTER.sub(lambda match: EXAMPLES[match[1] or "str"], route)
