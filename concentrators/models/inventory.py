"""Concentrators: facts about each, and whether it is in field (CON-1)."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from simple_history.models import HistoricalRecords

from concentrators.models.companies import AnyUser, Company, sees_all
from concentrators.models.lines import LineOfText
from concentrators.models.networks import ExpectsNetworks, networks_field
from concentrators.models.types import ConcentratorType
from profiles.models import PORT_VALIDATORS, SpontaneousProfile
from profiles.zones import ZoneField

DEFAULT_MANAGEMENT_PORT = 4059
DEFAULT_MANUFACTURER = "Ap System"


class State(models.TextChoices):
    AVAILABLE = "available", _l("available")
    IN_FIELD = "in field", _l("in field")
    REMOVED = "removed", _l("removed")


class ManagementAddress(models.TextChoices):
    """Where a concentrator is connected to: at its management IP, or where its last wake-up came from (CFG-3)."""

    FIXED = "fixed", _l("fixed")
    AS_LAST_HEARD = "as last heard", _l("as last heard")


class ConcentratorQuerySet(models.QuerySet["Concentrator"]):
    def visible_to(self, user: AnyUser) -> ConcentratorQuerySet:
        return self if sees_all(user) else self.filter(company__in=Company.objects.visible_to(user))

    def canaries(self) -> ConcentratorQuerySet:
        return self.filter(is_canary=True)

    def of_the_field(self) -> ConcentratorQuerySet:
        """All but canaries, whatever their state."""
        return self.filter(is_canary=False)


class Concentrator(ExpectsNetworks):
    """A data concentrator in a substation.

    No message changes anything here. Totals have a table of their own, so that an operator's form and the
    listener never write the same row.
    """

    #: What operators say of it, in the order of forms and files. State and profile change by procedures alone.
    FACTS = (
        "type",
        "manufacturer",
        "management_ip",
        "management_port",
        "substation",
        "feeder",
        "customers",
        "expected_networks",
        "management_address",
        "region",
        "carrier",
        "time_zone",
        "is_canary",
    )

    serial_number = models.CharField(
        _l("serial number"),
        max_length=32,
        unique=True,
        validators=[
            RegexValidator(
                r"\A[0-9A-Z](?:[0-9A-Z-]{0,30}[0-9A-Z])?\Z",
                _l("A serial number is 1 to 32 letters from A to Z, digits and inner hyphens."),
            )
        ],
    )
    company = models.ForeignKey(
        Company,
        verbose_name=_l("company"),
        on_delete=models.PROTECT,
        related_name="concentrators",
        db_index=False,  # two of the indexes below begin with it
    )
    type = models.ForeignKey(
        ConcentratorType, verbose_name=_l("type"), on_delete=models.PROTECT, related_name="concentrators"
    )
    manufacturer = LineOfText(_l("manufacturer"), max_length=100, default=DEFAULT_MANUFACTURER, blank=True)
    management_ip = models.GenericIPAddressField(_l("management IP"), protocol="IPv4", null=True, blank=True)
    management_port = models.PositiveIntegerField(
        _l("management port"), default=DEFAULT_MANAGEMENT_PORT, validators=PORT_VALIDATORS
    )
    substation = LineOfText(_l("substation"), max_length=100, blank=True)
    feeder = LineOfText(_l("feeder"), max_length=100, blank=True)
    region = LineOfText(_l("region"), max_length=100, blank=True, default="", db_default="")
    customers = models.PositiveIntegerField(_l("customers served"), default=0)
    #: Of its SIM. Concentrators of one region, or of one carrier, fall silent together.
    carrier = LineOfText(_l("carrier"), max_length=100, blank=True, default="", db_default="")
    #: Of its place, where that is not its company's: Chile alone has three. Days are cut by the company's all the same.
    time_zone = ZoneField(
        _l("time zone"),
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text=_l("Like America/Punta_Arenas; empty: the company's. For local times and the device's own clock."),
    )
    #: A canary is a concentrator, a modem or a program that sends once a minute to prove that the way is open (STA-4).
    #: It is in no report of the field, and nobody is to blame for its silence.
    is_canary = models.BooleanField(_l("canary"), default=False, db_default=False)
    state = models.CharField(_l("state"), max_length=9, choices=State, default=State.AVAILABLE)
    profile = models.ForeignKey(
        SpontaneousProfile,
        verbose_name=_l("spontaneous profile"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="concentrators",
    )
    expected_networks = networks_field()
    management_address = models.CharField(
        _l("management address"),
        max_length=13,
        choices=ManagementAddress,
        default=ManagementAddress.FIXED,
        db_default=ManagementAddress.FIXED,  # for processes of the version before
        help_text=_l("Fixed: the management IP. As last heard: the address of the last wake-up, with the same port."),
    )
    installed_at = models.DateTimeField(_l("installed at"), null=True, blank=True, editable=False)
    #: Looked for by the key and by the date alone; each other index would make a change of the whole fleet slower.
    history = HistoricalRecords(no_db_index=["serial_number", "company", "type", "profile"])

    objects = ConcentratorQuerySet.as_manager()

    class Meta:
        verbose_name = _l("concentrator")
        verbose_name_plural = _l("concentrators")
        ordering = ["serial_number"]
        indexes = [
            models.Index(fields=["company", "state", "serial_number"], name="concentrator_by_state"),
            models.Index(fields=["company", "serial_number"], name="concentrator_by_company"),
            models.Index(fields=["management_ip"], name="concentrator_by_address"),
            models.Index(
                fields=["carrier", "serial_number"],
                name="concentrator_canaries",
                condition=Q(is_canary=True),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=State.IN_FIELD, profile__isnull=False, installed_at__isnull=False)
                | (~Q(state=State.IN_FIELD) & Q(profile__isnull=True)),
                name="in_field_means_with_a_profile",
                violation_error_message=_l("A concentrator in field has a profile, and only such a one."),
            )
        ]

    def __str__(self) -> str:
        return self.serial_number

    @property
    def zone(self) -> ZoneInfo:
        """By whose clock local times are, and its own one runs; a query unless its company was loaded."""
        return ZoneInfo(self.time_zone) if self.time_zone else self.company.zone

    def clean(self) -> None:
        super().clean()
        if self.profile and self.profile.company_id not in (None, self.company_id):
            said = _("It has the profile “%(name)s”, which is another company's. Give it another profile first.")
            raise ValidationError({"company": said % {"name": self.profile}})


class AuditedAction(models.Model):
    """When the action of an audit id was (ACC-3): history is found by its time, and has no index of what it is.

    Written with the first audit row of the action. Those of versions before are not here.
    """

    audit_id = models.UUIDField(_l("audit id"), primary_key=True)
    word = models.CharField(max_length=40)  # as in the history, untranslated
    at = models.DateTimeField(_l("at"))

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.word} {self.audit_id}"
