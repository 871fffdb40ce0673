"""How long work tells how far it is, whoever listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Takes how much is ``done`` of ``total`` things; a total of 0 says that nobody knows yet."""

    def __call__(self, done: int, total: int = 0) -> None: ...


def no_progress(done: int, total: int = 0) -> None:
    """The report to nobody, for work that need not tell."""
