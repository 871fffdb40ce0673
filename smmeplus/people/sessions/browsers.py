"""What a browser says of itself, in words. Nobody needs to believe it."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext as _

# The first that fits: most pretend to be others as well.
_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
)
_SYSTEMS: Final = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def browser_in_words(agent: str) -> str:
    """``Firefox, Windows`` for a User-Agent; what is known of it."""
    known = [_first(_BROWSERS, agent), _first(_SYSTEMS, agent)]
    return ", ".join(name for name in known if name) or _("unknown")


def _first(names: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((name for sign, name in names if sign in agent), "")
