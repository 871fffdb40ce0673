"""Evidence in words, the same for verdicts and incidents (STA-4, UI-8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from smmeplus.common.text import some_of
from wakeup.monitoring.verdicts.rules import Sign

_NAMED = 5


def findings_in_words(
    findings: Iterable[Mapping[str, Any]], *, with_names: bool = False, labels: Mapping[str, Any] | None = None
) -> list[str]:
    """``canaries arrive 2/2``, for example, and with names ``canaries arrive 2/2 (north, south)``.

    ``findings`` are as they are stored: ``sign``, ``names``, ``number``, ``of``. ``labels`` has the words for signs
    that verdicts do not know; a sign without any is shown as it is stored.
    """
    words = {**dict(Sign.choices), **(labels or {})}
    return [_in_words(words, finding, with_names) for finding in findings]


def _in_words(words: Mapping[str, Any], finding: Mapping[str, Any], with_names: bool) -> str:
    sign, number, of = str(finding["sign"]), finding.get("number"), finding.get("of")
    said = f"{words.get(sign, sign)} {number}/{of}" if of else str(words.get(sign, sign))
    names = [str(name) for name in finding.get("names") or ()]
    return f"{said} ({some_of(names, _NAMED)})" if with_names and names else said
