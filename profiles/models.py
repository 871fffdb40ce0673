"""System settings (SET-1…3), spontaneous profiles (PRO-1…6), and procedure profiles (PRC-1) from their own room."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext_lazy
from simple_history.models import HistoricalRecords

from profiles.named import NamedProfile, unique_names
from profiles.owners import AnyUser, OwnedQuerySet, companies_seen_by, looks_after_all
from profiles.procedures.models import ProcedureProfile
from profiles.zones import validate_zone
from smmeplus.common.networks import MAX_PORT

__all__ = ["FromElsewhere", "ProcedureProfile", "SpontaneousProfile", "SystemSettings"]

DEFAULT_WAKEUP_PORT = 58692
PERIODS_MIN = (1, 2, 5, 10, 15, 20, 30, 60, 100, 120, 180, 240, 300, 360, 480, 720, 1440)

PORT_VALIDATORS = [MinValueValidator(1), MaxValueValidator(MAX_PORT)]


class FromElsewhere(models.TextChoices):
    """What becomes of a message that does not come from the expected networks of its concentrator (SEC-1)."""

    ACCEPTED = "accepted", _l("accepted")
    MARKED = "marked", _l("marked")
    REFUSED = "refused", _l("refused")


class SystemSettings(models.Model):
    """The one row of settings that administrators edit; secrets and hosts come from the environment instead."""

    THE_ROW = 1

    id = models.PositiveSmallIntegerField(primary_key=True, editable=False)
    environment_name = models.CharField(
        _l("environment name"),
        max_length=50,
        blank=True,
        help_text=_l("Shown in the header of every page, for example Production or UAT."),
    )
    wakeup_ip = models.GenericIPAddressField(
        _l("wake-up IP"),
        protocol="IPv4",
        null=True,
        blank=True,
        help_text=_l("Address of the internal load balancer for spontaneous messages, for example 10.132.20.228."),
    )
    wakeup_port = models.PositiveIntegerField(
        _l("wake-up port"), default=DEFAULT_WAKEUP_PORT, validators=PORT_VALIDATORS
    )
    last_gasp_configurable = models.BooleanField(_l("last gasp configurable"), default=False)
    last_gasp_ip = models.GenericIPAddressField(_l("last-gasp IP"), protocol="IPv4", null=True, blank=True)
    reporting_zone = models.CharField(
        _l("reporting zone"),
        max_length=64,
        blank=True,
        validators=[validate_zone],
        help_text=_l(
            "Zone whose midnight begins a reporting day, for example Europe/Rome; empty: each company's own. "
            "After a change run “manage.py rebuildcounts”: until then days are cut as before."
        ),
    )
    messages_kept_days = models.PositiveIntegerField(
        _l("messages are kept for days"),
        null=True,
        blank=True,
        validators=[MinValueValidator(2)],
        help_text=_l("“manage.py prunemessages” deletes older ones; counts stay. Empty: messages are kept for ever."),
    )
    strays_kept_days = models.PositiveIntegerField(
        _l("unknown senders are kept for days"),
        null=True,
        blank=True,
        default=90,
        db_default=90,
        validators=[MinValueValidator(1)],
        help_text=_l("“manage.py prunemessages” deletes those that were silent for longer. Empty: never."),
    )
    events_kept_days = models.PositiveIntegerField(
        _l("events are kept for days"),
        default=30,
        db_default=30,
        validators=[MinValueValidator(2)],
        help_text=_l("“manage.py prunemessages” deletes older ones that no receiver waits for. An older cursor ends."),
    )
    from_elsewhere = models.CharField(
        _l("messages from elsewhere"),
        max_length=8,
        choices=FromElsewhere,
        default=FromElsewhere.MARKED,
        db_default=FromElsewhere.MARKED.value,
        help_text=_l(
            "Those of a concentrator that do not come from its expected networks. Marked: stored and shown, but not "
            "counted. Refused: listed under unknown senders."
        ),
    )
    retry_count = models.PositiveSmallIntegerField(_l("retries"), default=3, help_text=_l("Of a wake-up that failed."))
    retry_interval_s = models.PositiveIntegerField(_l("seconds between retries"), default=60)
    retry_pause_min = models.PositiveIntegerField(_l("minutes between rounds of retries"), default=30)
    margin_s = models.PositiveIntegerField(
        _l("margin in seconds"),
        default=60,
        help_text=_l("A wake-up is late after this; unreachable when the retries have passed, too."),
    )
    falls_percent = models.PositiveSmallIntegerField(
        _l("share of the fleet that makes an outage, percent"),
        default=20,
        db_default=20,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_l("When that many concentrators are unreachable, and three at least, the fleet falls (STA-4)."),
    )
    incident_least = models.PositiveSmallIntegerField(
        _l("concentrators that make an incident"),
        default=3,
        db_default=3,
        validators=[MinValueValidator(2)],
        help_text=_l("So many of one feeder, substation or company at least, and the share below (STA-5)."),
    )
    incident_percent = models.PositiveSmallIntegerField(
        _l("share of a place that makes an incident, percent"),
        default=50,
        db_default=50,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    incident_window_min = models.PositiveSmallIntegerField(
        _l("minutes within which they went dark"),
        default=5,
        db_default=5,
        validators=[MinValueValidator(1), MaxValueValidator(60)],
    )
    alarm_delay_min = models.PositiveSmallIntegerField(
        _l("minutes before an incident raises an alarm"),
        default=2,
        db_default=2,
        validators=[MaxValueValidator(60)],
        help_text=_l("What ends sooner raises none (STA-9)."),
    )
    alarm_medium_customers = models.PositiveIntegerField(
        _l("customers of an alarm of medium priority"), default=1_000, db_default=1_000
    )
    alarm_high_customers = models.PositiveIntegerField(
        _l("customers of an alarm of high priority"), default=20_000, db_default=20_000
    )
    history = HistoricalRecords()

    class Meta:
        verbose_name = verbose_name_plural = _l("system settings")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_row_of_system_settings")]

    def __str__(self) -> str:
        return _("System settings")

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pk = self.THE_ROW  # with a default for the key Django would always insert
        super().save(*args, **kwargs)

    @classmethod
    def current(cls) -> SystemSettings:
        """The settings in force; the defaults, without a wake-up IP, if none were saved yet."""
        return cls.objects.filter(pk=cls.THE_ROW).first() or cls()

    def clean(self) -> None:
        if self.last_gasp_configurable and not self.last_gasp_ip:
            raise ValidationError({"last_gasp_ip": _("Where last gasp is configurable its IP address is needed.")})


class SpontaneousProfileQuerySet(OwnedQuerySet["SpontaneousProfile"]):
    def with_usage(self, user: AnyUser) -> SpontaneousProfileQuerySet:
        """Annotate ``concentrator_count``, the number of concentrators that use each profile and that ``user`` sees."""
        seen = None if looks_after_all(user) else Q(concentrators__company__in=companies_seen_by(user))
        used = (
            SpontaneousProfile.objects.filter(pk=models.OuterRef("pk"))
            .order_by()
            .values("pk")
            .annotate(n=Count("concentrators", filter=seen))
        )
        return self.annotate(concentrator_count=Coalesce(models.Subquery(used.values("n")), 0))


class SpontaneousProfile(NamedProfile):
    """What is configured in a concentrator about the messages that it sends by itself."""

    #: What is written into concentrators, and therefore cannot change while one uses the profile (PRO-6).
    PARAMETERS = (
        "wakeup_enabled",
        "wakeup_ip",
        "wakeup_port",
        "wakeup_period",
        "last_gasp_enabled",
        "last_gasp_ip",
    )

    IN_USE = ngettext_lazy(
        "“%(name)s” is used by %(count)d concentrator: its parameters cannot change and it cannot be deleted.",
        "“%(name)s” is used by %(count)d concentrators: its parameters cannot change and it cannot be deleted.",
        "count",
    )

    wakeup_enabled = models.BooleanField(_l("wake up enabled"), default=True)
    wakeup_ip = models.GenericIPAddressField(_l("wakeup IP"), protocol="IPv4")
    wakeup_port = models.PositiveIntegerField(
        _l("wakeup port"), default=DEFAULT_WAKEUP_PORT, validators=PORT_VALIDATORS
    )
    wakeup_period = models.PositiveSmallIntegerField(
        _l("wakeup period min"), null=True, blank=True, choices=[(minutes, str(minutes)) for minutes in PERIODS_MIN]
    )
    last_gasp_enabled = models.BooleanField(_l("last gasp enabled"), default=False)
    last_gasp_ip = models.GenericIPAddressField(_l("last gasp IP"), protocol="IPv4", null=True, blank=True)
    history = HistoricalRecords(excluded_fields=["name_looks"])

    objects = SpontaneousProfileQuerySet.as_manager()

    class Meta:
        verbose_name = _l("spontaneous profile")
        verbose_name_plural = _l("spontaneous profiles")
        ordering = ["name_folded"]
        constraints = [
            *unique_names("spontaneous"),
            models.CheckConstraint(
                condition=Q(wakeup_enabled=False) | Q(wakeup_period__isnull=False),
                name="enabled_wakeup_has_a_period",
                violation_error_message=_l("While wake-up is enabled a period is needed."),
            ),
            models.CheckConstraint(
                condition=Q(last_gasp_enabled=False) | Q(last_gasp_ip__isnull=False),
                name="enabled_last_gasp_has_an_address",
                violation_error_message=_l("While last gasp is enabled its IP address is needed."),
            ),
        ]

    def users(self) -> int:
        return self.concentrators.count()

    def is_of_older_settings(self, settings: SystemSettings) -> bool:
        """Whether the profile has an address or port other than the present settings (PRO-6)."""
        return (self.wakeup_ip, self.wakeup_port) != (settings.wakeup_ip, settings.wakeup_port)
