"""Who wants the report of each day, and of each month, by e-mail."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _l

from concentrators.models import Company


class Kind(models.TextChoices):
    DAILY = "daily", _l("daily")
    MONTHLY = "monthly", _l("monthly")


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def with_rights(self) -> SubscriptionQuerySet:
        """Those of active users with an e-mail address who still see the company (ACC-1)."""
        member = Company.users.through.objects.filter(company=OuterRef("company"), user=OuterRef("user"))
        sees = Q(user__is_superuser=True) | Exists(member)
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
