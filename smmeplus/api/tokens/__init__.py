"""Tokens for the API: how one is made, what it may do, and how it ends (API-1)."""

from __future__ import annotations

from typing import Final

MOST_TOKENS: Final = 20
DAYS: Final = (30, 90, 365)
