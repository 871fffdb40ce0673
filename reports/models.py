"""Who wants the report of each day, and of each month, by e-mail; and the figures of months, stored (STA-6)."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _l

from concentrators.models import Company, Concentrator


class Kind(models.TextChoices):
    DAILY = "daily", _l("daily")
    MONTHLY = "monthly", _l("monthly")


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def with_rights(self) -> SubscriptionQuerySet:
        """Those of active users with an e-mail address who still see the company, and have a role (ACC-1)."""
        member = Company.users.through.objects.filter(company=OuterRef("company"), user=OuterRef("user"))
        views = Permission.objects.filter(content_type__app_label="wakeup", codename="view_message")
        reads = Exists(views.filter(group__user=OuterRef("user"))) | Exists(views.filter(user=OuterRef("user")))
        sees = Q(user__is_superuser=True) | (Exists(member) & reads)
        return self.filter(sees, user__is_active=True).exclude(user__email="")

    def due(self, day: date) -> SubscriptionQuerySet:
        """Those to whom ``day``, of a month its first, and later ones have not been sent."""
        return self.filter(Q(sent_day__isnull=True) | Q(sent_day__lt=day))


class Subscription(models.Model):
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_l("user"), on_delete=models.CASCADE, related_name="subscriptions"
    )
    company = models.ForeignKey(
        Company, verbose_name=_l("company"), on_delete=models.CASCADE, related_name="subscriptions"
    )
    kind = models.CharField(_l("kind"), max_length=7, choices=Kind, default=Kind.DAILY, db_default=Kind.DAILY)
    language = models.CharField(_l("language"), max_length=10, choices=settings.LANGUAGES)
    #: The last day that was sent; of a month its first.
    sent_day = models.DateField(_l("sent day"), null=True, editable=False)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _l("subscription")
        verbose_name_plural = _l("subscriptions")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "company", "kind"], name="one_subscription_a_user_company_and_kind")
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.company_id}"

    def claim(self, day: date) -> bool:
        """Whether the caller, of all runs at the same time, is the one to send ``day``: only one of them gets True."""
        return self._change(self.sent_day, day)

    def give_back(self, day: date) -> None:
        """Undo the claim of ``day``, which could not be sent: the next run may send it."""
        self._change(day, self.sent_day)

    def _change(self, old: date | None, new: date | None) -> bool:
        return Subscription.objects.filter(pk=self.pk, sent_day=old).update(sent_day=new) == 1


class StoredMonth(models.Model):
    """The figures of a company's month as they were at ``as_of``, but for those of its concentrators.

    They hold while nothing that they follow from is another: the zones, the limit and ``facts``.
    """

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="stored_months", db_index=False)
    month = models.DateField()  # its first day
    #: None until it is stored for the first time.
    as_of = models.DateTimeField(null=True)
    #: When it was last seen that they still hold.
    looked_at = models.DateTimeField(null=True)
    time_zone = models.CharField(max_length=64, default="")
    counting_zone = models.CharField(max_length=64, default="")
    momentary_limit_min = models.PositiveIntegerField(default=0)
    #: ``reports.reliability.figures.Figures``.
    figures = models.JSONField(default=dict)
    #: Sums of outages, times in field and times out of service that give away any change of them.
    facts = models.JSONField(default=list)
    #: The number of counted days and the wake-ups on them, and when these were added up: that takes a while.
    wakeups = models.JSONField(default=list)
    counted_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["company", "month"], name="one_stored_month_a_company")]

    def __str__(self) -> str:
        return f"{self.company_id}: {self.month:%Y-%m}"


class ConcentratorMonth(models.Model):
    """A concentrator in a month of its company; see ``reports.reliability.availability``, which computes it."""

    id = models.BigAutoField(primary_key=True)
    concentrator = models.ForeignKey(Concentrator, on_delete=models.CASCADE, related_name="months", db_index=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+", db_index=False)
    month = models.DateField()
    availability = models.FloatField(null=True)
    worst = models.FloatField()
    #: That of the concentrator, for the order of the report.
    serial_number = models.CharField(max_length=32)
    outage_count = models.BigIntegerField()
    dark_s = models.BigIntegerField()
    planned_s = models.BigIntegerField()
    expected = models.BigIntegerField()
    received = models.BigIntegerField()
    missing = models.BigIntegerField()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["company", "month", "worst", "serial_number"], name="month_worst_first")]
        constraints = [
            models.UniqueConstraint(
                fields=["concentrator", "month", "company"], name="one_row_a_concentrator_and_month"
            )
        ]

    def __str__(self) -> str:
        return f"{self.serial_number}: {self.month:%Y-%m}"
