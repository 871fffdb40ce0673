"""What is to be published of one thing that has happened, and how its event looks as JSON (API-3)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True)
class News:
    """``company`` is a key; None: our side. ``source`` is set where the same thing could be found twice."""

    type: str
    at: datetime
    company: int | None
    data: Mapping[str, Any]
    concentrator: str = ""
    source: str | None = None


@dataclass(frozen=True)
class Origin:
    """What all events of one pass have in common; ``companies`` are names by key."""

    environment: str
    published_at: datetime
    companies: Mapping[int, str] = field(default_factory=dict)


def body_of(news: News, number: int, uid: UUID, origin: Origin) -> str:
    """The event as it is sent; `docs/events.schema.json` describes it."""
    said = {
        "id": str(uid),
        "number": number,
        "type": news.type,
        "at": moment(news.at),
        "published_at": moment(origin.published_at),
        "environment": origin.environment,
        "company": None if news.company is None else origin.companies[news.company],
        "concentrator": news.concentrator or None,
        "data": {name: moment(one) if isinstance(one, datetime) else one for name, one in news.data.items()},
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def moment(at: datetime) -> str:
    """As all times of the API."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")
