"""Planned work: when places are expected to be dark, as operators or their calendars say (STA-8)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _l
from simple_history.models import HistoricalRecords

from concentrators.models.companies import AnyUser, Company, sees_all
from concentrators.models.inventory import Concentrator
from concentrators.models.lines import LineOfText

#: Of a few hundred times, one by one.
MOST_TEXT = 10_000


class PlannedScope(models.TextChoices):
    """What planned work covers, from the narrowest to the widest."""

    CONCENTRATOR = "concentrator", _l("concentrator")
    FEEDER = "feeder", _l("feeder")
    SUBSTATION = "substation", _l("substation")
    COMPANY = "company", _l("company")


class PlannedSource(models.TextChoices):
    FORM = "form", _l("form")
    FILE = "file", _l("file")
    CALENDAR = "calendar", _l("calendar")
    API = "api", _l("API")


class PlannedWorkQuerySet(models.QuerySet["PlannedWork"]):
    def visible_to(self, user: AnyUser) -> PlannedWorkQuerySet:
        return self if sees_all(user) else self.filter(company__in=Company.objects.visible_to(user))


class PlannedWork(models.Model):
    """Work that makes a place dark, once or by a rule of recurrence. Its times are rows of :class:`PlannedWindow`.

    A feeder belongs to a substation only where ``substation`` is not empty: some name their feeders alone.
    """

    company = models.ForeignKey(
        Company, verbose_name=_l("company"), on_delete=models.PROTECT, related_name="planned_works"
    )
    scope = models.CharField(_l("covers"), max_length=12, choices=PlannedScope)
    concentrator = models.ForeignKey(
        Concentrator,
        verbose_name=_l("concentrator"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="planned_works",
    )
    substation = LineOfText(_l("substation"), max_length=100, blank=True, default="")
    feeder = LineOfText(_l("feeder"), max_length=100, blank=True, default="")
    title = LineOfText(_l("title"), max_length=200)
    begin = models.DateTimeField(_l("from"))
    end = models.DateTimeField(_l("to"), help_text=_l("Of the first time, if it recurs."))
    #: A rule as in RFC 5545, 3.3.10: ``FREQ=WEEKLY;BYDAY=SA``, in the zone of the company. Empty: once.
    rule = models.CharField(_l("recurs"), max_length=400, blank=True, default="")
    #: Whose clocks the rule runs by, if a calendar says so. Empty: those of the company.
    zone = models.CharField(_l("time zone"), max_length=64, blank=True, default="", db_default="")
    #: Of a calendar: times by the rule that are not, and others that are, as ``20270403T050000Z`` and
    #: ``20270403T050000Z/20270403T090000Z``, with blanks between.
    left_out = models.TextField(_l("but not"), max_length=MOST_TEXT, blank=True, default="", db_default="")
    added = models.TextField(_l("and also"), max_length=MOST_TEXT, blank=True, default="", db_default="")
    source = models.CharField(_l("source"), max_length=8, choices=PlannedSource, default=PlannedSource.FORM)
    #: Of a calendar or of another system: the same work that comes again changes this one.
    uid = models.CharField(_l("key elsewhere"), max_length=255, blank=True, default="")
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_l("set by"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    cancelled_at = models.DateTimeField(_l("cancelled at"), null=True, blank=True)
    history = HistoricalRecords()

    objects = PlannedWorkQuerySet.as_manager()

    class Meta:
        verbose_name = _l("planned work")
        verbose_name_plural = _l("planned works")
        ordering = ["-begin"]
        indexes = [models.Index(fields=["company", "-begin"], name="planned_work_by_company")]
        constraints = [
            models.CheckConstraint(condition=Q(end__gt=F("begin")), name="planned_work_ends_after_it_begins"),
            models.UniqueConstraint(fields=["company", "uid"], condition=~Q(uid=""), name="one_planned_work_a_key"),
        ]

    def __str__(self) -> str:
        return self.title


class PlannedWindow(models.Model):
    """One time of a planned work. Those of a rule are made ahead for so long as operators plan."""

    work = models.ForeignKey(PlannedWork, on_delete=models.CASCADE, related_name="windows", db_index=False)
    begin = models.DateTimeField(_l("from"))
    end = models.DateTimeField(_l("to"))

    class Meta:
        verbose_name = _l("time of planned work")
        verbose_name_plural = _l("times of planned work")
        ordering = ["begin"]
        indexes = [models.Index(fields=["end", "begin"], name="planned_window_by_time")]
        constraints = [
            models.UniqueConstraint(fields=["work", "begin"], name="one_planned_window_a_begin"),
            models.CheckConstraint(condition=Q(end__gt=F("begin")), name="planned_window_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return f"{self.work_id}: {self.begin} to {self.end}"
