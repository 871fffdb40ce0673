"""What is written into each concentrator, and how far that has got (CFG-1 to CFG-3)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from concentrators.models.companies import AnyUser, Company, sees_all
from concentrators.models.inventory import Concentrator
from concentrators.models.rollouts import RollOut
from profiles.models import SpontaneousProfile

MOST_TRIES = 24  # of one concentrator on one day


class ConfigurationState(models.TextChoices):
    PENDING = "pending", _l("pending")
    WRITING = "writing", _l("writing")
    WRITTEN = "written", _l("written")
    CONFIRMED = "confirmed", _l("confirmed")
    FAILED = "failed", _l("failed")
    DRIFTED = "drifted", _l("drifted")

    @property
    def colour(self) -> str:
        """Of its badge, as Bootstrap names it."""
        colours = {self.CONFIRMED: "success", self.FAILED: "danger", self.DRIFTED: "warning", self.WRITTEN: "info"}
        return colours.get(self, "secondary")


class Failure(models.TextChoices):
    """Why a try failed; ``Configuration.detail`` says more where there is more to say."""

    NO_ADDRESS = "no address", _l("it has no management IP")
    NOT_HEARD = "not heard", _l("its address is the one last heard, and no wake-up has come in yet")
    OUTSIDE = "outside", _l("its management address is in none of the networks that the writer may connect to")
    NO_KEY = "no key", _l("its password cannot be decrypted with the keys in CONFIGURATION_KEYS")
    LOCKED = "keys locked", _l("its keys cannot be decrypted with the keys in CONFIGURATION_KEYS")
    USED_UP = "key used up", _l("no counter of its keys is left: it needs new ones")
    UNREACHABLE = "unreachable", _l("it cannot be connected to")
    SILENT = "silent", _l("it did not answer in time")
    CLOSED = "closed", _l("it closed the connection before it had answered")
    REFUSED = "refused", _l("it refused the association")
    WRONG_KEYS = "wrong keys", _l("its keys do not fit: what it answered cannot be deciphered with them")
    NOT_PROVEN = "not proven", _l("it did not prove that it knows its keys")
    IN_CLEAR = "in clear", _l("it answered in clear, though it has keys")
    OTHER_DEVICE = "other device", _l("another device answers")
    NO_IDENTITY = "no identity", _l("it does not say who it is")
    ACCESS = "access", _l("it refused to read or to write a value")
    VALUE = "value", _l("it cannot hold a value")
    NOT_KEPT = "not kept", _l("it did not keep a value")
    CONFUSED = "confused", _l("what it answered cannot be understood")


class Parameter(models.TextChoices):
    """What is written, in the order of writing: the period comes last, so that it starts with all else in place."""

    DESTINATION = "destination", _l("address and port")
    RANDOM_START = "random start", _l("random start, seconds")
    RETRIES = "retries", _l("retries")
    RETRY_DELAY = "retry delay", _l("seconds between retries")
    LAST_GASP = "last gasp", _l("last gasp address and port")
    PERIOD = "period", _l("wakeup period min")


class ConfigurationQuerySet(models.QuerySet["Configuration"]):
    def visible_to(self, user: AnyUser) -> ConfigurationQuerySet:
        """Those of concentrators in field alone: of the others nothing is to be written."""
        wanted = self.filter(profile__isnull=False)
        return wanted if sees_all(user) else wanted.filter(concentrator__company__in=Company.objects.visible_to(user))


class Configuration(models.Model):
    """What ``profile`` asks of one concentrator, and how far writing it has got.

    Installation, modification and removal write it in their own transaction. While ``profile`` is None the
    concentrator is not in field, and nothing is written but, where it ``disables``, that the wake-up is disabled; the
    row stays because a writer may still hold it.

    ``roll_out`` is the one that asks for what is written now: its procedure says how it is tried and verified. While it
    ``waits``, that roll-out has not released it, or does not run.

    A writer holds the concentrator until ``held_until``. Nobody else connects to it before, so a writer that was
    killed delays its concentrators by that, and no more. Each change raises ``generation``: what a writer brings back
    of an older one is not stored.
    """

    concentrator = models.OneToOneField(
        Concentrator,
        verbose_name=_l("concentrator"),
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="configuration",
    )
    profile = models.ForeignKey(
        SpontaneousProfile,
        verbose_name=_l("spontaneous profile"),
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
    )
    disables = models.BooleanField(default=False, db_default=False)
    roll_out = models.ForeignKey(
        RollOut,
        verbose_name=_l("roll-out"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    waits = models.BooleanField(default=False, db_default=False)
    generation = models.PositiveIntegerField(default=1)
    state = models.CharField(_l("state"), max_length=9, choices=ConfigurationState, default=ConfigurationState.PENDING)
    since = models.DateTimeField(_l("since"))
    failure = models.CharField(_l("reason"), max_length=12, choices=Failure, blank=True, default="")
    detail = models.CharField(_l("detail"), max_length=200, blank=True, default="")
    next_try_at = models.DateTimeField(_l("next try at"), null=True)
    #: From then on a wake-up brings the next try forward: it is what ``next_try_at`` was before chance moved it.
    wakes_from = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(_l("failures in a row"), default=0)
    tries_day = models.DateField(null=True, help_text=_l("In UTC."))
    tries = models.PositiveSmallIntegerField(_l("tries on that day"), default=0)
    last_try_at = models.DateTimeField(_l("last try at"), null=True)
    unreachable_since = models.DateTimeField(_l("not reachable since"), null=True)
    #: Who answered at its address the last time, if that was another device, and when; until it answers itself again.
    other_serial = models.CharField(_l("other device"), max_length=32, blank=True, default="", db_default="")
    other_at = models.DateTimeField(_l("other device answered at"), null=True)
    written_at = models.DateTimeField(_l("written at"), null=True)
    confirmed_at = models.DateTimeField(_l("confirmed at"), null=True)
    #: When it was last read back, or that was tried.
    checked_at = models.DateTimeField(_l("checked at"), null=True)
    #: When it is to be read back again, if its procedure says so.
    verify_at = models.DateTimeField(_l("to be read back at"), null=True)
    held_by = models.CharField(max_length=64, blank=True, default="")
    held_until = models.DateTimeField(null=True)

    objects = ConfigurationQuerySet.as_manager()

    class Meta:
        verbose_name = _l("configuration")
        verbose_name_plural = _l("configurations")
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="configuration_due",
                condition=Q(next_try_at__isnull=False, waits=False),
            ),
            models.Index(fields=["verify_at"], name="configuration_to_verify", condition=Q(verify_at__isnull=False)),
            models.Index(fields=["state", "checked_at"], name="configuration_by_state"),
            models.Index(fields=["other_serial"], name="configuration_by_other", condition=~Q(other_serial="")),
        ]

    def __str__(self) -> str:
        return f"{self.concentrator_id}: {self.state}"

    @property
    def reason(self) -> str:
        """Why it failed or drifted, in words; what the device said is in English, as the standard names it."""
        if self.state == ConfigurationState.DRIFTED:
            return _("not as it shall be: %(which)s") % {"which": self.detail}
        if not self.failure:
            return ""
        failure = str(Failure(self.failure).label)
        return f"{failure} ({self.detail})" if self.detail else failure


class ConfigurationValue(models.Model):
    """What is known of one parameter in the concentrator; all values are texts as the page shows them."""

    configuration = models.ForeignKey(Configuration, on_delete=models.CASCADE, related_name="values")
    parameter = models.CharField(_l("parameter"), max_length=12, choices=Parameter)
    desired = models.CharField(_l("desired"), max_length=100)
    written = models.CharField(_l("written"), max_length=100, blank=True, default="")
    written_at = models.DateTimeField(_l("written at"), null=True)
    read_back = models.CharField(_l("read back"), max_length=100, blank=True, default="")
    read_at = models.DateTimeField(_l("read back at"), null=True)

    class Meta:
        verbose_name = _l("value of a configuration")
        verbose_name_plural = _l("values of configurations")
        constraints = [models.UniqueConstraint(fields=["configuration", "parameter"], name="one_value_of_a_parameter")]

    def __str__(self) -> str:
        return f"{self.configuration_id} {self.parameter}: {self.desired}"


class ManagementPassword(models.Model):
    """The password of low-level security, encrypted. It is in no history, no export and no log."""

    concentrator = models.OneToOneField(
        Concentrator,
        verbose_name=_l("concentrator"),
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="management_password",
    )
    encrypted = models.TextField(editable=False)
    changed_at = models.DateTimeField(_l("changed at"), auto_now=True)

    class Meta:
        verbose_name = _l("management password")
        verbose_name_plural = _l("management passwords")

    def __str__(self) -> str:
        return f"{self.concentrator_id}"
