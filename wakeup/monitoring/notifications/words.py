"""What is told, in words, by the facts that a delivery has kept (STA-7)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from wakeup.models import AlarmKind, CauseClass, IncidentScope, Priority
from wakeup.monitoring.notifications.events import Event

Facts = Mapping[str, Any]


def headline(event: str, facts: Facts) -> str:
    """What, where and since when, in one line."""
    parts = (facts.get("environment"), _told(event, facts), place(facts), facts.get("company"), _since(facts))
    return " · ".join(" ".join(str(part).split()) for part in parts if part)


def lines(event: str, facts: Facts) -> list[tuple[str, str]]:
    """All that is known, each with its label."""
    return [(label, text) for label, text in _lines(event, facts) if text]


def place(facts: Facts) -> str:
    """Where an incident is, such as *feeder A7, substation Six*; empty for what is at no place."""
    named = (
        (_("feeder %(name)s"), facts.get("feeder")),
        (_("substation %(name)s"), facts.get("substation")),
        (_("carrier %(name)s"), facts.get("carrier")),
    )
    found = ", ".join(words % {"name": name} for words, name in named if name)
    return found or (_("the whole company") if facts.get("scope") == IncidentScope.COMPANY else "")


def _told(event: str, facts: Facts) -> str:
    what = _what(facts)
    if event == Event.TEST:
        return _("Test of the notifications")
    if event in (Event.ENDED, Event.OVER):
        return _("Ended: %(what)s") % {"what": what}
    return _("Changed: %(what)s") % {"what": what} if event == Event.CHANGED else what


def _what(facts: Facts) -> str:
    if facts.get("kind") in AlarmKind.values:
        return capfirst(str(AlarmKind(facts["kind"]).label))
    causes: dict[str, str] = {
        CauseClass.POWER: _("Power outage"),
        CauseClass.COMMUNICATION: _("Communication failure"),
        CauseClass.OUR_SIDE: _("Our side is out of order"),
    }
    return causes.get(facts.get("cause", ""), _("Outage without a known cause"))


def _lines(event: str, facts: Facts) -> Iterator[tuple[str, str]]:
    yield _("What"), _told(event, facts)
    yield _("Where"), place(facts)
    yield _("Company"), facts.get("company") or ""
    yield _("Priority"), _priority(facts)
    yield _("Began"), _moment(facts.get("began_at"), facts)
    yield _("Noticed"), _moment(facts.get("noticed_at"), facts)
    yield _("Act by"), _moment(facts.get("act_by"), facts)
    yield _("Ended"), _moment(facts.get("ended_at"), facts)
    yield _("Part of incident"), _number(facts, "part_of")
    yield _("Concentrators"), _number(facts, "concentrators")
    yield _("Still dark"), _number(facts, "dark")
    yield _("Customers"), _number(facts, "customers")
    yield _("Incident"), _number(facts, "incident")
    yield _("Sent by"), facts.get("user") or ""


def _priority(facts: Facts) -> str:
    found = [one for one in Priority if one.name.lower() == facts.get("priority")]
    return str(found[0].label) if found else ""


def _number(facts: Facts, name: str) -> str:
    value = facts.get(name)
    return "" if value is None else str(value)


def _since(facts: Facts) -> str:
    began = _moment(facts.get("began_at"), facts)
    return _("since %(time)s") % {"time": began} if began else ""


def _moment(text: str | None, facts: Facts) -> str:
    """By the clocks of the company, with the name of their zone."""
    if not text:
        return ""
    zone = facts.get("time_zone") or "UTC"
    local = datetime.fromisoformat(text).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return f"{formats.date_format(local, 'DATETIME_FORMAT')} ({zone})"
