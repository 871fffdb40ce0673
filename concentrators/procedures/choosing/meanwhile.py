"""What others did to the chosen concentrators since the operator began to choose them (UI-7)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import BooleanField, Count, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.translation import gettext as _

from concentrators.models import Concentrator, State
from concentrators.procedures.choosing.summing import MOST_NAMED
from concentrators.procedures.forms import ConcentratorsForm


class Changed(NamedTuple):
    """A concentrator that was changed: to what, by whom, and when; aware, None if that is not known."""

    serial_number: str
    to: str
    by: str
    at: datetime | None


class Group(NamedTuple):
    """The first of those that were changed, and how many they are in all."""

    named: list[Changed]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.named)


class Meanwhile(NamedTuple):
    """``gone``: can no longer be chosen. ``still``: can, although it was changed."""

    gone: Group
    still: Group

    @property
    def is_any(self) -> bool:
        return bool(self.gone.total or self.still.total)


def changed_meanwhile(form: ConcentratorsForm, concentrators: QuerySet[Concentrator], offers: State) -> Meanwhile:
    """Of what ``form`` chooses of ``concentrators``, all that was changed. Those in state ``offers`` can be chosen.

    One query.
    """
    rows = list(_first_of_each(_changed(form, concentrators, offers), offers))
    gone = [row for row in rows if row.state != offers]
    still = [row for row in rows if row.state == offers]
    return Meanwhile(_group(gone), _group(still))


def _changed(form: ConcentratorsForm, concentrators: QuerySet[Concentrator], offers: State) -> QuerySet[Concentrator]:
    """What was ticked and can no longer be chosen, and what has changed since and could be chosen then, or can now."""
    since, ticked = form.cleaned_data.get("since") or timezone.now(), form.selection().ticked
    history = Concentrator.history.model.objects
    rows = Q(id__in=ticked) | Q(history_date__gt=since, history_type="~")
    could = Q(state=offers) | Q(state_then=offers)
    fits = ~Q(state=offers) & Q(pk__in=ticked) | Q(changed_at__gt=since) & could
    newest = history.filter(id=OuterRef("pk")).order_by("-history_date", "-history_id")
    return (
        form.chosen_of(concentrators)
        .filter(pk__in=history.filter(rows).values("id"))  # those few are looked at more closely
        .alias(state_then=Subquery(newest.filter(history_date__lte=since).values("state")[:1]))
        .annotate(
            changed_at=Subquery(newest.filter(history_type="~").values("history_date")[:1]),
            changed_by=Subquery(newest.filter(history_type="~").values("history_user__username")[:1]),
        )
        .filter(fits)
    )


def _first_of_each(changed: QuerySet[Concentrator], offers: State) -> QuerySet[Any]:
    """Those to be named, each with the number ``of_kind``."""
    is_offered = ExpressionWrapper(Q(state=offers), output_field=BooleanField())
    place = Window(RowNumber(), partition_by=is_offered, order_by="serial_number")
    numbered = changed.annotate(place=place, of_kind=Window(Count("pk"), partition_by=is_offered))
    return numbered.filter(place__lte=MOST_NAMED).select_related("profile").order_by("serial_number")


def _group(rows: list[Any]) -> Group:
    return Group([_told(row) for row in rows], rows[0].of_kind if rows else 0)


def _told(row: Any) -> Changed:
    profile = f"“{row.profile}”" if row.profile else ""
    to = ", ".join(filter(None, (str(State(row.state).label), profile)))
    return Changed(row.serial_number, to, row.changed_by or _("the system"), row.changed_at)
