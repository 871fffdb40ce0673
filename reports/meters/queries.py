"""What the reports on meters read: numbers that the lists have left behind, never a count over all sightings (MET-4).

States and kinds are annotated as words, because files and programs are to read them without a table of numbers.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeAlias

from django.db.models import (
    Case,
    CharField,
    Exists,
    F,
    FilteredRelation,
    FloatField,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, NullIf

from concentrators.models import (
    Company,
    Concentrator,
    ConcentratorQuerySet,
    ConflictKind,
    MeterConflict,
    MeterKind,
    MeterState,
    MeterTally,
    Repeater,
    Sighting,
    State,
)

YES, NO = "yes", "no"
#: Keys, or what finds them.
Companies: TypeAlias = "QuerySet[Company] | Collection[int]"
#: A state that no list has told, as MeterTally numbers it.
UNKNOWN = -1
STATE_WORDS = {
    MeterState.ACTIVE: "active",
    MeterState.TEMPORARY_FAILURE: "temporary failure",
    MeterState.PERMANENT_FAILURE: "permanent failure",
    UNKNOWN: "unknown",
}
KIND_WORDS = {
    ConflictKind.LIVE: "live",
    ConflictKind.MOVED: "moved",
    ConflictKind.STALE: "stale",
    ConflictKind.FAILED: "both failed",
}


def state_of(word: str) -> int | None:
    """The number of the state that is called so; None for an unknown one."""
    return next((int(number) for number, name in STATE_WORDS.items() if name == word and number != UNKNOWN), None)


def state_word(path: str) -> Case:
    """The word for the state at ``path``; NULL where there is no sighting, ``unknown`` where it has no state."""
    words = [When(**{path: number}, then=Value(word)) for number, word in STATE_WORDS.items()]
    return Case(*words, default=Value(STATE_WORDS[UNKNOWN]), output_field=CharField())


def _kind_word(path: str) -> Case:
    words = [When(**{path: number}, then=Value(word)) for number, word in KIND_WORDS.items()]
    return Case(*words, output_field=CharField())


def open_conflicts_of(meter: str) -> QuerySet[MeterConflict]:
    """The open conflict of the meter whose key stands at ``meter`` in the row outside."""
    return MeterConflict.objects.open().filter(meter=OuterRef(meter)).order_by()


def shown_sightings(rows: QuerySet[Sighting]) -> QuerySet[Sighting]:
    """With the word for the state, and for the kind of the open conflict of the meter, if there is one."""
    kind = open_conflicts_of("meter_id").values("kind")[:1]
    return (
        rows.select_related("meter", "concentrator", "concentrator__meter_counts")
        .annotate(state_name=state_word("state"), conflict_kind=Subquery(kind))
        .annotate(conflict=_kind_word("conflict_kind"))
    )


def in_conflict(rows: QuerySet[Sighting], is_so: bool) -> QuerySet[Sighting]:
    """Those of meters in conflict, or all others. A stale conflict counts nowhere: its other lists are no evidence."""
    conflicts = Exists(open_conflicts_of("meter_id").exclude(kind=ConflictKind.STALE))
    return rows.filter(conflicts if is_so else ~conflicts)


def counted_concentrators(rows: ConcentratorQuerySet) -> QuerySet[Concentrator]:
    """Those in field, with or without a list, with ``difference``: meters less customers; NULL without a list."""
    in_field = rows.of_the_field().filter(state=State.IN_FIELD)
    difference = F("meter_counts__meters") - F("customers")
    return in_field.select_related("meter_counts", "total").annotate(difference=difference)


def conflicting_sightings(companies: Companies) -> QuerySet[Sighting]:
    """For each meter of an open conflict one row a concentrator that lists it, with what the rows are filtered by.

    A removed concentrator holds a meter only while no other one does (MET-5).
    """
    is_open = Q(meter__conflicts__closed_at__isnull=True)
    held = Sighting.objects.filter(meter=OuterRef("meter"), in_list=True).exclude(concentrator__state=State.REMOVED)
    return (
        Sighting.objects.annotate(open=FilteredRelation("meter__conflicts", condition=is_open))
        .annotate(
            conflict_company=F("open__company"),
            kind=F("open__kind"),
            decision=F("open__decision"),
            open_since=F("open__opened_at"),
        )
        .filter(in_list=True, conflict_company__in=companies)
        .filter(~Q(concentrator__state=State.REMOVED) | ~Exists(held))
    )


def shown_conflicts(rows: QuerySet[Sighting]) -> QuerySet[Sighting]:
    """``rows`` with the other facts of the sighting and of the conflict."""
    return rows.select_related(
        "meter", "meter__expected_concentrator", "concentrator", "concentrator__meter_counts"
    ).annotate(
        conflict_key=F("open__pk"),
        kind_name=_kind_word("kind"),
        concentrators=F("open__lists"),
        preferred=F("open__preferred__serial_number"),
        reason=F("open__reason"),
        decided_by=F("open__decided_by__username"),
        state_name=state_word("state"),
    )


def tallies(companies: Companies, total: int = 0) -> QuerySet[MeterTally]:
    """The meters in field by manufacturer, type and state, with ``share``: their percentage of ``total``."""
    share = Cast("meters", FloatField()) * 100.0 / NullIf(Value(total), Value(0), output_field=IntegerField())
    return MeterTally.objects.filter(
        company__in=companies, kind=MeterKind.CUSTOMER, meters__gt=0, state__gte=UNKNOWN
    ).annotate(state_name=state_word("state"), share=Cast(share, FloatField()))


def shown_repeaters(rows: QuerySet[Repeater]) -> QuerySet[Repeater]:
    """With ``share``: the meters behind each as a percentage of its concentrator's."""
    meters = NullIf(F("concentrator__meter_counts__meters"), Value(0))
    yes, no = Value("yes"), Value("")
    return rows.select_related("concentrator", "sighting", "sighting__meter").annotate(
        share=Cast("behind", FloatField()) * 100.0 / Cast(meters, FloatField()),
        state_name=Case(When(sighting__isnull=False, then=state_word("sighting__state")), output_field=CharField()),
        without_parent=Case(
            When(sighting__isnull=True, then=yes),
            When(sighting__parent__isnull=True, sighting__level__gt=0, then=yes),
            default=no,
            output_field=CharField(),
        ),
        repeater=Case(
            When(sighting__isnull=True, then=Value("parent unknown")),
            default=F("sighting__meter__name"),
            output_field=CharField(),
        ),
    )
