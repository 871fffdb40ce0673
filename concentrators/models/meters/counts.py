"""What the reports read instead of counting: numbers of each concentrator, of each kind of meter, of each repeater."""

from __future__ import annotations

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _l

from concentrators.models.companies import Company
from concentrators.models.inventory import Concentrator
from concentrators.models.meters.inventory import MeterKind
from concentrators.models.meters.lists import MeterList
from concentrators.models.meters.sightings import Sighting


class ConcentratorMeters(models.Model):
    """Of a concentrator that has a list: how many its current list holds (MET-4). Supervisors are no *meters*."""

    concentrator = models.OneToOneField(
        Concentrator, on_delete=models.CASCADE, primary_key=True, related_name="meter_counts"
    )
    newest = models.ForeignKey(MeterList, on_delete=models.SET_NULL, null=True, related_name="+")
    listed_at = models.DateTimeField(_l("list date"))
    meters = models.PositiveIntegerField(_l("meters"), default=0)
    active = models.PositiveIntegerField(_l("active"), default=0)
    temporary = models.PositiveIntegerField(_l("temporary failure"), default=0)
    permanent = models.PositiveIntegerField(_l("permanent failure"), default=0)
    supervisors = models.PositiveIntegerField(_l("supervisor"), default=0)
    #: Of its meters, those that count here and nowhere else (MET-7).
    chosen = models.PositiveIntegerField(default=0)
    repeaters = models.PositiveIntegerField(_l("repeaters"), default=0)
    deepest = models.PositiveSmallIntegerField(_l("deepest level"), null=True)
    orphans = models.PositiveIntegerField(_l("parent unknown"), default=0)
    looped = models.PositiveIntegerField(_l("in a loop"), default=0)
    availability = models.FloatField(_l("availability %"), null=True)
    in_conflict = models.PositiveIntegerField(_l("in conflict"), default=0)

    class Meta:
        verbose_name = _l("meters of a concentrator")
        verbose_name_plural = _l("meters of concentrators")

    def __str__(self) -> str:
        return f"{self.concentrator_id}: {self.meters}"


class MeterTally(models.Model):
    """Distinct meters of a company by manufacturer, type, kind and the state where they are chosen (None: unknown)."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+", db_index=False)
    manufacturer = models.CharField(_l("manufacturer"), max_length=100, blank=True, default="")
    type = models.CharField(_l("type"), max_length=100, blank=True, default="")
    kind = models.CharField(_l("kind"), max_length=10, choices=MeterKind)
    state = models.SmallIntegerField(_l("state"))  # -1: unknown
    meters = models.IntegerField(_l("meters"), default=0)

    class Meta:
        verbose_name = _l("number of meters")
        verbose_name_plural = _l("numbers of meters")
        constraints = [
            models.UniqueConstraint(
                fields=["company", "manufacturer", "type", "kind", "state"], name="one_meter_tally_a_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.manufacturer} {self.type}: {self.meters}"


class Repeater(models.Model):
    """A meter that others are reached through (MET-6); ``sighting`` is None for the row of those with no known parent.

    Made anew for a concentrator whenever its tree changes.
    """

    concentrator = models.ForeignKey(Concentrator, on_delete=models.CASCADE, related_name="repeaters")
    sighting = models.OneToOneField(Sighting, on_delete=models.CASCADE, null=True, related_name="as_repeater")
    direct = models.PositiveIntegerField(_l("meters behind it directly"))
    behind = models.PositiveIntegerField(_l("meters behind it in all"))
    deepest = models.PositiveSmallIntegerField(_l("deepest level behind"), null=True)

    class Meta:
        verbose_name = _l("repeater")
        verbose_name_plural = _l("repeaters")
        # Many have the same few behind them, so that the order among these is part of the index.
        indexes = [
            models.Index(F(name).desc() if is_down else F(name).asc(), "id", name=f"repeater_by_{name}_{way}")
            for name in ("direct", "behind")
            for is_down, way in ((False, "up"), (True, "down"))
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["concentrator"],
                condition=models.Q(sighting__isnull=True),
                name="one_row_of_orphans_a_concentrator",
            )
        ]

    def __str__(self) -> str:
        return f"{self.sighting_id}: {self.behind}"


class MeterAvailability(models.Model):
    """What G02 said of a meter and a day, by name: it may come before the list that makes its sighting."""

    concentrator = models.ForeignKey(Concentrator, on_delete=models.CASCADE, related_name="+", db_index=False)
    meter_name = models.CharField(max_length=32)
    day = models.DateField()
    percent = models.FloatField()
    changes = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name = _l("availability of a meter")
        verbose_name_plural = _l("availabilities of meters")
        indexes = [models.Index(fields=["day"], name="meter_availability_by_day")]
        constraints = [
            models.UniqueConstraint(fields=["concentrator", "meter_name", "day"], name="one_availability_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.meter_name} {self.day}: {self.percent}"
