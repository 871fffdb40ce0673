"""Roll-outs: what one change asks of many devices, written wave after wave (CFG-4)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from simple_history.models import HistoricalRecords

from concentrators.models.companies import AnyUser, Company, sees_all
from concentrators.models.inventory import Concentrator
from profiles.models import ProcedureProfile, SpontaneousProfile
from profiles.names import MAX_NAME_LENGTH


class RollOutState(models.TextChoices):
    RUNNING = "running", _l("running")
    PAUSED = "paused", _l("paused")
    HALTED = "halted", _l("halted")
    CANCELLED = "cancelled", _l("cancelled")
    DONE = "done", _l("done")

    @property
    def colour(self) -> str:
        """Of its badge, as Bootstrap names it."""
        colours = {self.RUNNING: "primary", self.PAUSED: "warning", self.HALTED: "danger", self.DONE: "success"}
        return colours.get(self, "secondary")


class Outcome(models.TextChoices):
    """Of one member. Only those *released* are waited for; the others have their result, or wait for their wave."""

    WAITING = "waiting", _l("waiting")
    RELEASED = "released", _l("released")
    CONFIRMED = "confirmed", _l("confirmed")
    FAILED = "failed", _l("failed")
    CANCELLED = "cancelled", _l("cancelled")
    OVERTAKEN = "overtaken", _l("overtaken")

    @property
    def colour(self) -> str:
        colours = {self.RELEASED: "info", self.CONFIRMED: "success", self.FAILED: "danger"}
        return colours.get(self, "secondary")


#: While a member is one of these, a later change of its concentrator overtakes it.
UNSETTLED = (Outcome.WAITING, Outcome.RELEASED)


class RollOutQuerySet(models.QuerySet["RollOut"]):
    def visible_to(self, user: AnyUser) -> RollOutQuerySet:
        return self if sees_all(user) else self.filter(company__in=Company.objects.visible_to(user))


class RollOut(models.Model):
    """One change of one company's concentrators by one procedure profile.

    Made in the transaction of the change. Members of the waves up to ``current_wave`` are released; ``is_open`` tells
    whether the writer lets them through, as it has left them: neither out of hours, nor while the roll-out is stopped.
    """

    company = models.ForeignKey(Company, verbose_name=_l("company"), on_delete=models.PROTECT, related_name="roll_outs")
    action = models.CharField(_l("action"), max_length=40)  # the word of its audit, untranslated
    procedure = models.ForeignKey(
        ProcedureProfile, verbose_name=_l("procedure profile"), on_delete=models.PROTECT, related_name="roll_outs"
    )
    #: None for a removal, and for a file, which may name several.
    profile = models.ForeignKey(
        SpontaneousProfile,
        verbose_name=_l("spontaneous profile"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
    )
    profile_name = models.CharField(max_length=MAX_NAME_LENGTH, blank=True, default="")  # outlives the profile
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_l("started by"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    began_at = models.DateTimeField(_l("began at"), editable=False)
    audit_id = models.UUIDField(_l("audit id"), editable=False)
    state = models.CharField(_l("state"), max_length=9, choices=RollOutState, default=RollOutState.RUNNING)
    since = models.DateTimeField(_l("since"), editable=False)
    size = models.PositiveIntegerField(_l("concentrators"), default=0, editable=False)
    waves = models.PositiveSmallIntegerField(_l("waves"), default=1, editable=False)  # that have members
    current_wave = models.PositiveSmallIntegerField(_l("current wave"), default=1, editable=False)
    is_open = models.BooleanField(default=True, editable=False)
    is_settled = models.BooleanField(default=False, editable=False)  # no result is waited for any more
    #: Failures of the current wave with which an operator has resumed: they halt nothing again.
    accepted_failures = models.PositiveIntegerField(default=0, editable=False)
    #: What halted it: so many failures of a wave of that size.
    halted_by = models.PositiveIntegerField(null=True, editable=False)
    halted_of = models.PositiveIntegerField(null=True, editable=False)
    history = HistoricalRecords()

    objects = RollOutQuerySet.as_manager()

    class Meta:
        verbose_name = _l("roll-out")
        verbose_name_plural = _l("roll-outs")
        ordering = ["-began_at"]
        indexes = [
            models.Index(fields=["company", "-began_at"], name="roll_out_by_company"),
            models.Index(fields=["id"], name="roll_out_under_way", condition=Q(is_settled=False)),
        ]

    def __str__(self) -> str:
        return _("Roll-out %(number)d") % {"number": self.pk}


class RollOutMember(models.Model):
    """A concentrator of a roll-out, and what came of it there. ``former_profile`` is what it goes back to."""

    id = models.BigAutoField(primary_key=True)
    roll_out = models.ForeignKey(RollOut, on_delete=models.CASCADE, related_name="members", db_index=False)
    concentrator = models.ForeignKey(
        Concentrator,
        verbose_name=_l("concentrator"),
        on_delete=models.CASCADE,
        related_name="roll_out_members",
        db_index=False,
    )
    wave = models.PositiveSmallIntegerField(_l("wave"))
    was_in_field = models.BooleanField()
    former_profile = models.ForeignKey(
        SpontaneousProfile,
        verbose_name=_l("former profile"),
        on_delete=models.SET_NULL,
        null=True,
        related_name="+",
        db_index=False,
    )
    outcome = models.CharField(_l("outcome"), max_length=9, choices=Outcome)
    since = models.DateTimeField(_l("since"))

    class Meta:
        verbose_name = _l("member of a roll-out")
        verbose_name_plural = _l("members of roll-outs")
        indexes = [models.Index(fields=["roll_out", "wave", "outcome"], name="member_by_outcome")]
        constraints = [models.UniqueConstraint(fields=["concentrator", "roll_out"], name="one_member_of_a_roll_out")]

    def __str__(self) -> str:
        return f"{self.roll_out_id}: {self.concentrator_id} {self.outcome}"
