"""What the page of a meter tells: where it counts and why, where it was seen, what has changed (MET-6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from concentrators.meters.pages.words import change_in_words, state_badge
from concentrators.models import Decision, Meter, MeterAvailability, MeterConflict, Sighting, SightingChange

SHOWN_CHANGES = 50
SHOWN_DAYS = 14
MOST_CONCENTRATORS = 20  # of which availabilities are shown


@dataclass(frozen=True, slots=True)
class ShownSighting:
    """``signal`` has the phase, the reception level and the ratio of signal to noise, as far as a list told them."""

    sighting: Sighting
    badge: str
    through: str
    signal: str


def sightings_of_meter(meter: Meter) -> list[ShownSighting]:
    """Where it counts first, then who has it in the current list, then who had it last; one query."""
    found = meter.sightings.select_related("concentrator", "parent__meter")
    rows = found.order_by("-chosen", "-in_list", "-last_seen", "concentrator__serial_number")
    return [
        ShownSighting(one, state_badge(one.state), one.parent.meter.name if one.parent else one.repeater, _signal(one))
        for one in rows
    ]


def _signal(one: Sighting) -> str:
    told = [one.phase] if one.phase else []
    told += [_("level %(level)s") % {"level": number_format(one.rx_level)}] if one.rx_level is not None else []
    told += [_("SNR %(ratio)s") % {"ratio": number_format(one.snr)}] if one.snr is not None else []
    return " · ".join(told)


def open_conflict(meter: Meter) -> MeterConflict | None:
    return meter.conflicts.open().select_related("preferred", "keep_at", "decided_by").first()


def why_it_counts(sightings: Sequence[ShownSighting], conflict: MeterConflict | None) -> str:
    """A sentence on the concentrator at which the meter counts in all reports, and why there."""
    listed = [shown.sighting for shown in sightings if shown.sighting.in_list]
    chosen = next((shown.sighting for shown in sightings if shown.sighting.chosen), None)
    if chosen is None:
        return _("It counts nowhere: it is in no current list.")
    serial = {"serial": chosen.concentrator.serial_number}
    if not chosen.in_list:
        return _("It counts at %(serial)s, which had it last: it is in no current list.") % serial
    if len(listed) == 1:
        return _("It counts at %(serial)s, the only one that has it in its current list.") % serial
    return _("It counts at %(serial)s: %(why)s.") % {**serial, "why": _reason(chosen, conflict)}


def _reason(chosen: Sighting, conflict: MeterConflict | None) -> str:
    if conflict and conflict.decision == Decision.KEEP and conflict.keep_at_id == chosen.concentrator_id:
        return _("an operator decided so")
    if conflict and conflict.preferred_id == chosen.concentrator_id and conflict.reason:
        return str(conflict.get_reason_display())
    return _("of several it is active there, or was heard there last")


@dataclass(frozen=True, slots=True)
class ShownChange:
    at: datetime
    concentrator: str
    words: str


def changes_of_meter(meter: Meter) -> list[ShownChange]:
    """The newest first; one query."""
    found = SightingChange.objects.filter(sighting__meter=meter).select_related("sighting__concentrator")
    rows = found.order_by("-at", "-pk")[:SHOWN_CHANGES]
    return [ShownChange(row.at, row.sighting.concentrator.serial_number, change_in_words(row)) for row in rows]


@dataclass(frozen=True, slots=True)
class Availability:
    """``rows``: a day, and what each of ``concentrators`` said of it, None if nothing; the newest first."""

    concentrators: list[str]
    rows: list[tuple[str, list[MeterAvailability | None]]]


def availability_of(meter: Meter, sightings: Sequence[ShownSighting], today: date) -> Availability:
    """The last days, by the concentrators that have had it in their lists; one query, none without a list."""
    serials = {
        shown.sighting.concentrator_id: shown.sighting.concentrator.serial_number
        for shown in sightings[:MOST_CONCENTRATORS]
    }
    said: dict[date, dict[int, MeterAvailability]] = {}
    if serials:
        since = today - timedelta(days=SHOWN_DAYS)
        found = MeterAvailability.objects.filter(concentrator__in=serials, meter_name=meter.name, day__gt=since)
        for one in found.order_by("-day"):
            said.setdefault(one.day, {})[one.concentrator_id] = one
    keys = [key for key in serials if any(key in of_day for of_day in said.values())]
    rows = [(date_format(day), [of_day.get(key) for key in keys]) for day, of_day in said.items()]
    return Availability([serials[key] for key in keys], rows)
