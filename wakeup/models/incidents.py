"""Incidents: what happened to many concentrators at once, as one thing that a person can act on (STA-5)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from simple_history.models import HistoricalRecords

from concentrators.models import AnyUser, Company, PlannedWindow, sees_all


class CauseClass(models.TextChoices):
    POWER = "power", _l("power")
    COMMUNICATION = "communication", _l("communication")
    OUR_SIDE = "our side", _l("our side")
    UNDECIDED = "undecided", _l("undecided")


class IncidentScope(models.TextChoices):
    FEEDER = "feeder", _l("feeder")
    SUBSTATION = "substation", _l("substation")
    COMPANY = "company", _l("company")
    CARRIER = "carrier", _l("carrier")
    OUR_SIDE = "our side", _l("our side")


class CustomersSource(models.TextChoices):
    """Whence the number of customers is (MET-7)."""

    INVENTORY = "inventory", _l("inventory")
    METERS = "meters", _l("meter lists")
    BOTH = "both", _l("meter lists and inventory")


class IncidentQuerySet(models.QuerySet["Incident"]):
    def visible_to(self, user: AnyUser) -> IncidentQuerySet:
        """Those of the user's companies, and those that are our side's: they are about no company's concentrators."""
        if sees_all(user):
            return self
        return self.filter(Q(company=None) | Q(company__in=Company.objects.visible_to(user)))

    def open(self) -> IncidentQuerySet:
        return self.filter(ended_at=None, merged_into=None)


class Incident(models.Model):
    """One feeder, substation, company or carrier of which many concentrators went dark within the window.

    ``company`` is None for one that is our side, which has no members. ``window_from`` and ``window_until`` bound when
    it began, by the intervals of its members (``Outage.earliest_at`` and ``latest_at``). ``evidence`` and ``against``
    are lists of ``{sign, names, number, of}`` as in :class:`~wakeup.models.VerdictSpan`, frozen when it was opened.
    """

    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(
        Company, verbose_name=_l("company"), on_delete=models.PROTECT, null=True, related_name="incidents"
    )
    scope = models.CharField(_l("place"), max_length=10, choices=IncidentScope)
    substation = models.CharField(_l("substation"), max_length=100, blank=True, default="")
    feeder = models.CharField(_l("feeder"), max_length=100, blank=True, default="")
    carrier = models.CharField(_l("carrier"), max_length=100, blank=True, default="")
    cause = models.CharField(_l("cause"), max_length=13, choices=CauseClass)
    #: The cause was said by an operator: evidence does not change it any more.
    is_cause_said = models.BooleanField(_l("cause said by an operator"), default=False)
    evidence = models.JSONField(default=list, editable=False)
    against = models.JSONField(default=list, editable=False)
    began_at = models.DateTimeField(_l("began at"), editable=False)
    window_from = models.DateTimeField(editable=False)
    window_until = models.DateTimeField(editable=False)
    #: The latest beginning and the earliest end of these intervals: who joins must not lie further from them than the
    #: window is long. The other way round where some began after others.
    members_after = models.DateTimeField(null=True, editable=False)
    members_before = models.DateTimeField(null=True, editable=False)
    #: Its place went dark anew while it lasted: that has no part in when it began.
    is_renewed = models.BooleanField(default=False, editable=False)
    #: When the product noticed it, by the clock of that time.
    opened_at = models.DateTimeField(_l("noticed at"), editable=False)
    ended_at = models.DateTimeField(_l("ended at"), null=True, editable=False)
    size = models.PositiveIntegerField(_l("concentrators of the place"), default=0, editable=False)
    members = models.PositiveIntegerField(_l("concentrators"), default=0, editable=False)
    dark = models.PositiveIntegerField(_l("still dark"), default=0, editable=False)
    customers = models.PositiveIntegerField(_l("customers"), default=0, editable=False)
    customers_source = models.CharField(
        max_length=9, choices=CustomersSource, default=CustomersSource.INVENTORY, editable=False
    )
    planned = models.ForeignKey(
        PlannedWindow, verbose_name=_l("planned work"), on_delete=models.SET_NULL, null=True, related_name="incidents"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_l("owner"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    acknowledged_at = models.DateTimeField(_l("acknowledged at"), null=True)
    merged_into = models.ForeignKey(
        "self", verbose_name=_l("part of"), on_delete=models.CASCADE, null=True, related_name="parts"
    )
    #: An operator's hand: it does not grow, widen or end by itself any more than its members tell.
    is_split = models.BooleanField(_l("split by an operator"), default=False)
    history = HistoricalRecords(excluded_fields=["evidence", "against", "members", "dark", "customers"])

    objects = IncidentQuerySet.as_manager()

    class Meta:
        verbose_name = _l("incident")
        verbose_name_plural = _l("incidents")
        ordering = ["-began_at"]
        indexes = [
            models.Index(fields=["company", "-began_at"], name="incident_by_company"),
            models.Index(fields=["-began_at"], name="incident_by_time"),
            models.Index(fields=["company", "scope"], name="incident_open", condition=Q(ended_at=None)),
        ]

    def __str__(self) -> str:
        return _("Incident %(number)s") % {"number": self.pk}


class NoteKind(models.TextChoices):
    OPENED = "opened", _l("noticed")
    GREW = "grew", _l("grew")
    WIDENED = "widened", _l("widened")
    ABSORBED = "absorbed", _l("took in another incident")
    CAUSE = "cause", _l("cause")
    ACKNOWLEDGED = "acknowledged", _l("acknowledged")
    OWNER = "owner", _l("owner")
    COMMENT = "comment", _l("comment")
    MERGED = "merged", _l("merged")
    SPLIT = "split", _l("split")
    ENDED = "ended", _l("ended")
    REOPENED = "reopened", _l("went dark again")


class IncidentNote(models.Model):
    """A line of an incident's timeline: what the product found, or what a person did or said."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="notes", db_index=False)
    at = models.DateTimeField(_l("at"))
    kind = models.CharField(_l("what"), max_length=12, choices=NoteKind)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_l("user"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    text = models.TextField(_l("text"), blank=True, default="", max_length=2000)
    facts = models.JSONField(default=dict)  # numbers and names that the page puts into words

    class Meta:
        verbose_name = _l("line of an incident's timeline")
        verbose_name_plural = _l("timeline of an incident")
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["incident", "at"], name="note_by_incident")]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.at}: {self.kind}"


class DeskProgress(models.Model):
    """How far outages and incidents follow the changes of status; one row."""

    #: The key of the last change that has made or ended an outage.
    change = models.BigIntegerField(default=0)
    #: Up to when boots without a silence have been looked for.
    boots_until = models.DateTimeField(null=True)
    #: When they were first followed: what was noticed long before makes no incident.
    begun_at = models.DateTimeField(null=True)
    #: The key of the last outage of which it is known whether it belongs to an incident.
    outage = models.BigIntegerField(default=0)
    #: The key of the last power failure of a device's own log that was compared with outages.
    failure = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _l("progress of outages")
        verbose_name_plural = _l("progress of outages")

    def __str__(self) -> str:
        return str(self.change)
