"""How an installation, modification or removal is carried out (PRC-1)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext_lazy
from simple_history.models import HistoricalRecords

from profiles.named import NamedProfile, unique_names
from profiles.owners import AnyUser, OwnedQuerySet, companies_seen_by, looks_after_all
from profiles.procedures.hours import Hours
from profiles.procedures.waves import ALL, MOST_WAVES, normalised_waves, parse_waves

WAVES_LENGTH = MOST_WAVES * len("1000000, ")
#: A concentrator that fails once pauses half an hour between its rounds of tries. It shall not count as failed for one
#: round without a network.
GRACE = timedelta(minutes=30)


def _whole(label: Any, least: int, most: int, **options: Any) -> models.PositiveSmallIntegerField[Any, Any]:
    return models.PositiveSmallIntegerField(
        label, validators=[MinValueValidator(least), MaxValueValidator(most)], **options
    )


class ProcedureProfileQuerySet(OwnedQuerySet["ProcedureProfile"]):
    def default(self) -> ProcedureProfile:
        """The one that holds where none is chosen. There is always one."""
        return self.get(is_default=True)

    def with_usage(self, user: AnyUser) -> ProcedureProfileQuerySet:
        """Annotate ``use_count``, the number of roll-outs that each was chosen for, and that ``user`` sees."""
        seen = {} if looks_after_all(user) else {"company__in": companies_seen_by(user)}
        uses: Any = Value(0)
        for model, key in references():
            rows: Any = models.QuerySet(model).filter(**{key: OuterRef("pk")}, **seen).order_by().values(key)
            uses = uses + Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)
        return self.annotate(use_count=uses)


class ProcedureProfile(NamedProfile):
    """How what was chosen is carried out, as a spontaneous profile is what is written.

    ``waves`` are the sizes of its steps. Whoever uses a procedure profile refers to it by a key with a related name,
    and locks its row when beginning to.
    """

    #: What a roll-out obeys, and therefore cannot change once there is one (PRO-6).
    PARAMETERS = (
        "waves",
        "halt_percent",
        "tries",
        "backoff_min",
        "begin_hour",
        "end_hour",
        "first_wakeup_within_min",
        "verify_after_days",
        "disables_on_removal",
    )
    IN_USE = ngettext_lazy(
        "“%(name)s” is used by %(count)d roll-out: its parameters cannot change and it cannot be deleted.",
        "“%(name)s” is used by %(count)d roll-outs: its parameters cannot change and it cannot be deleted.",
        "count",
    )

    waves = models.CharField(_l("waves"), max_length=WAVES_LENGTH, default=ALL)
    halt_percent = _whole(_l("halts above percent of failures"), 0, 100, default=10, null=True, blank=True)
    tries = _whole(_l("tries"), 1, 1000, default=24)
    backoff_min = _whole(_l("minutes before the second try"), 1, 720, default=10)
    begin_hour = models.TimeField(_l("writes begin from"), null=True, blank=True)
    end_hour = models.TimeField(_l("writes begin until"), null=True, blank=True)
    first_wakeup_within_min = _whole(_l("minutes to the first wake-up"), 1, 20160, null=True, blank=True)
    verify_after_days = _whole(_l("read back again after days"), 0, 365, default=0)
    disables_on_removal = models.BooleanField(_l("a removal disables the wake-up"), default=False)
    is_default = models.BooleanField(_l("default"), default=False)
    history = HistoricalRecords(excluded_fields=["name_looks"])

    objects = ProcedureProfileQuerySet.as_manager()

    class Meta:
        app_label = "profiles"
        verbose_name = _l("procedure profile")
        verbose_name_plural = _l("procedure profiles")
        ordering = ["name_folded"]
        constraints = [
            *unique_names("procedure"),
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_default_procedure_profile"
            ),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(company__isnull=True), name="the_default_procedure_is_everybodys"
            ),
            models.CheckConstraint(
                condition=Q(begin_hour__isnull=True, end_hour__isnull=True)
                | Q(begin_hour__isnull=False, end_hour__isnull=False) & ~Q(begin_hour=F("end_hour")),
                name="procedure_hours_have_a_begin_and_an_end",
                violation_error_message=_l("Give both hours, and not the same one twice, or none."),
            ),
        ]

    def clean_fields(self, exclude: Any = None) -> None:
        super().clean_fields(exclude)
        if "waves" in (exclude or ()):
            return
        try:
            self.waves = normalised_waves(self.waves)
        except ValidationError as error:
            raise ValidationError({"waves": error.messages}) from error

    def users(self) -> int:
        return sum(models.QuerySet(model).filter(**{key: self.pk}).count() for model, key in references())

    def why_it_stays(self) -> str:
        if self.is_default:
            return _("“%(name)s” is the default: make another one the default before you delete it.") % {"name": self}
        return super().why_it_stays()

    @property
    def wave_sizes(self) -> list[int | None]:
        """The sizes of the waves; None, the last one, stands for all that are left."""
        return parse_waves(self.waves)

    @property
    def hours(self) -> Hours:
        return Hours(self.begin_hour, self.end_hour)

    def may_begin(self, now: datetime, zone: ZoneInfo) -> bool:
        """Whether a write may begin ``now`` in a company of ``zone``."""
        return self.hours.include(now, zone)

    def next_begin(self, now: datetime, zone: ZoneInfo) -> datetime:
        """From when on a write may begin, in UTC: ``now`` or later."""
        return self.hours.next_begin(now, zone)

    def first_wakeup_within(self, period_min: int) -> timedelta:
        """For how long after writing ``period_min`` the first wake-up is waited for.

        Where the profile does not say: one period, which the device counts anew when it is written, and GRACE. No
        fixed number would fit periods of a minute and of a day.
        """
        if self.first_wakeup_within_min is not None:
            return timedelta(minutes=self.first_wakeup_within_min)
        return timedelta(minutes=period_min) + GRACE


def references() -> list[tuple[type[models.Model], str]]:
    """The tables that refer to procedure profiles, with the name of their key: a row of one is a use."""
    return [(one.related_model, one.field.name) for one in ProcedureProfile._meta.related_objects]
