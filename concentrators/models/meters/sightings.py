"""Sightings: one meter in one concentrator's list, and each change of it (MET-1)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _l

from concentrators.models.companies import AnyUser, Company, sees_all
from concentrators.models.inventory import Concentrator
from concentrators.models.meters.inventory import Meter
from concentrators.models.meters.lists import MeterList


class MeterState(models.IntegerChoices):
    """As S24's ``ComStatus`` numbers them; a list that says nothing leaves it unknown."""

    PERMANENT_FAILURE = 0, _l("permanent failure")
    TEMPORARY_FAILURE = 1, _l("temporary failure")
    ACTIVE = 2, _l("active")


#: From so many repeaters on meters are few.
FAR_AWAY = 6


class SightingQuerySet(models.QuerySet["Sighting"]):
    def visible_to(self, user: AnyUser) -> SightingQuerySet:
        return self if sees_all(user) else self.filter(company__in=Company.objects.visible_to(user))


class Sighting(models.Model):
    """A meter as one concentrator has it. Of a meter's sightings at most one is chosen: where it counts.

    ``level`` is the number of repeaters on its way: a PRIME level as it is, a G3 hop count less one.
    """

    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", db_index=False)
    concentrator = models.ForeignKey(
        Concentrator,
        verbose_name=_l("concentrator"),
        on_delete=models.CASCADE,
        related_name="sightings",
        db_index=False,
    )
    meter = models.ForeignKey(Meter, verbose_name=_l("meter"), on_delete=models.CASCADE, related_name="sightings")
    first_seen = models.DateTimeField(_l("first seen"))
    last_seen = models.DateTimeField(_l("last seen"), null=True)
    state = models.PositiveSmallIntegerField(_l("state"), choices=MeterState, null=True)
    state_since = models.DateTimeField(_l("state since"), null=True)
    active = models.BooleanField(_l("active"), null=True)
    #: Of the list of its meters that last changed it, or told that it is gone. One that says nothing new leaves it, or
    #: each list would write all of its rows: ``ConcentratorMeters`` has the date of the newest.
    listed_at = models.DateTimeField(_l("list date"))
    in_list = models.BooleanField(_l("in the current list"), default=True)
    gone_at = models.DateTimeField(_l("gone at"), null=True)
    chosen = models.BooleanField(_l("chosen"), default=False)
    level = models.PositiveSmallIntegerField(_l("level"), null=True)
    #: The repeater next to it, as the list names it: a meter or a MAC. ``parent`` is its sighting, if that is there.
    repeater = models.CharField(_l("repeater"), max_length=32, blank=True, default="")
    parent = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="children")
    lnid = models.PositiveIntegerField("LNID", null=True)
    sid = models.PositiveIntegerField("SID", null=True)
    lsid = models.PositiveIntegerField("LSID", null=True)  # None: no switch
    phase = models.CharField(_l("phase"), max_length=8, blank=True, default="")
    rx_level = models.FloatField(_l("reception level"), null=True)
    snr = models.FloatField("SNR", null=True)
    availability = models.FloatField(_l("availability %"), null=True)  # of the last day told
    availability_7d = models.FloatField(_l("availability % of 7 days"), null=True)
    changes = models.PositiveIntegerField(_l("changes a day"), null=True)

    objects = SightingQuerySet.as_manager()

    class Meta:
        verbose_name = _l("sighting")
        verbose_name_plural = _l("sightings")
        ordering = ["meter", "concentrator"]
        indexes = [
            models.Index(fields=["company", "last_seen"], name="sighting_chosen", condition=Q(chosen=True)),
            # Of what is common the index above finds enough. These hold what is rare, so that most rows of a list,
            # each of which moves its last contact, need not be written there.
            models.Index(
                fields=["company", "state", "last_seen"],
                name="sighting_failed",
                condition=Q(chosen=True, state__lt=MeterState.ACTIVE),
            ),
            models.Index(
                fields=["company", "last_seen"],
                name="sighting_unknown",
                condition=Q(chosen=True, state__isnull=True),
            ),
            models.Index(
                fields=["company", "level", "last_seen"],
                name="sighting_far_away",
                condition=Q(chosen=True, level__gte=FAR_AWAY),
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["concentrator", "meter"], name="one_sighting_a_meter"),
            models.UniqueConstraint(fields=["meter"], condition=Q(chosen=True), name="one_chosen_a_meter"),
            models.CheckConstraint(
                condition=Q(in_list=True, gone_at__isnull=True) | Q(in_list=False, gone_at__isnull=False),
                name="sighting_in_list_or_gone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meter_id} at {self.concentrator_id}"


class Changed(models.TextChoices):
    """What has changed of a sighting."""

    FIRST_SEEN = "first", _l("first seen")
    GONE = "gone", _l("gone")
    BACK = "back", _l("back")
    STATE = "state", _l("state")
    LEVEL = "level", _l("level")
    REPEATER = "repeater", _l("repeater")


class SightingChange(models.Model):
    """One change, at the date of the list that told it. ``old`` and ``new`` as stored: a state by its number."""

    sighting = models.ForeignKey(Sighting, on_delete=models.CASCADE, related_name="change_rows", db_index=False)
    at = models.DateTimeField(_l("at"))
    what = models.CharField(_l("what"), max_length=8, choices=Changed)
    old = models.CharField(_l("from"), max_length=32, blank=True, default="")
    new = models.CharField(_l("to"), max_length=32, blank=True, default="")
    by = models.ForeignKey(MeterList, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        verbose_name = _l("change of a sighting")
        verbose_name_plural = _l("changes of sightings")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["sighting", "-at"], name="sighting_change_by_time")]

    def __str__(self) -> str:
        return f"{self.sighting_id}: {self.what}"
