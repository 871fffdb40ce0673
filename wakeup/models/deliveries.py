"""Whom incidents and alarms are told to, and the outbox of what is to be delivered (STA-7, STA-10)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _l
from simple_history.models import HistoricalRecords

from concentrators.models import AnyUser, Company, sees_all
from wakeup.models.alarms import Alarm, Priority
from wakeup.models.incidents import Incident


class ReceiverKind(models.TextChoices):
    EMAIL = "email", _l("e-mail")
    WEBHOOK = "webhook", _l("webhook")
    LIFE_SIGN = "life sign", _l("sign of life")
    AMQP = "amqp", _l("AMQP 1.0")


class BodyFormat(models.TextChoices):
    JSON = "json", _l("JSON")
    IEC_61968_9 = "iec 61968-9", _l("IEC 61968-9 EndDeviceEvent")


class Tells(models.TextChoices):
    """What a receiver is told: what a person at night needs, or all that another system follows (API-3)."""

    NOTIFICATIONS = "notifications", _l("incidents and alarms")
    EVENTS = "events", _l("all events")


class ReceiverQuerySet(models.QuerySet["Receiver"]):
    def visible_to(self, user: AnyUser) -> ReceiverQuerySet:
        return self if sees_all(user) else self.filter(company__in=Company.objects.visible_to(user))


class Receiver(models.Model):
    """Somebody who is told: addresses of e-mail, or an URL. Without a company it is told of all of them."""

    name = models.CharField(_l("name"), max_length=100, unique=True)
    kind = models.CharField(_l("kind"), max_length=9, choices=ReceiverKind)
    company = models.ForeignKey(
        Company, verbose_name=_l("company"), on_delete=models.CASCADE, null=True, blank=True, related_name="receivers"
    )
    address = models.CharField(
        _l("address"), max_length=500, help_text=_l("E-mail addresses with commas between them, or an URL.")
    )
    tells = models.CharField(
        _l("is told"),
        max_length=13,
        choices=Tells,
        default=Tells.NOTIFICATIONS,
        db_default=Tells.NOTIFICATIONS.value,
        help_text=_l("All events: a webhook or AMQP 1.0, in JSON; priority, delays and language do not matter."),
    )
    body_format = models.CharField(_l("body"), max_length=11, choices=BodyFormat, default=BodyFormat.JSON)
    language = models.CharField(_l("language"), max_length=10, default="en")
    encrypted_secret = models.TextField(editable=False, blank=True, default="")
    least_priority = models.PositiveSmallIntegerField(_l("told from priority"), choices=Priority, default=Priority.LOW)
    #: Minutes that an incident has to last before it is told; none of it is told if it is shorter.
    delay_power_min = models.PositiveSmallIntegerField(_l("power: only after minutes"), default=2)
    delay_communication_min = models.PositiveSmallIntegerField(_l("communication: only after minutes"), default=15)
    delay_our_side_min = models.PositiveSmallIntegerField(_l("our side: only after minutes"), default=2)
    delay_undecided_min = models.PositiveSmallIntegerField(_l("undecided: only after minutes"), default=15)
    is_active = models.BooleanField(_l("active"), default=True)
    #: The number of its last delivery: they are counted without a gap.
    last_number = models.BigIntegerField(default=0, editable=False)
    #: The sender that is at it, and until when: one that was killed loses it then.
    held_by = models.CharField(max_length=32, blank=True, default="", editable=False)
    held_until = models.DateTimeField(null=True, editable=False)
    #: Of a sign of life: when one was last due, when one last arrived, and why the last one did not.
    sign_due_at = models.DateTimeField(null=True, editable=False)
    sign_sent_at = models.DateTimeField(null=True, editable=False)
    sign_failure = models.CharField(max_length=500, blank=True, default="", editable=False)
    #: Of one that is told all events: the number of the last one that it has, None before it was first looked at; when
    #: some last arrived; tries since then, since when they fail and why, and when the next one is.
    event_number = models.BigIntegerField(null=True, editable=False)
    events_sent_at = models.DateTimeField(null=True, editable=False)
    event_tries = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    events_fail_since = models.DateTimeField(null=True, editable=False)
    event_failure = models.CharField(max_length=500, blank=True, default="", db_default="", editable=False)
    next_event_at = models.DateTimeField(null=True, editable=False)
    history = HistoricalRecords(
        excluded_fields=[
            *("encrypted_secret", "last_number", "held_by", "held_until"),
            *("sign_due_at", "sign_sent_at", "sign_failure"),
            *("event_number", "events_sent_at", "event_tries", "events_fail_since", "event_failure", "next_event_at"),
        ]
    )

    objects = ReceiverQuerySet.as_manager()

    class Meta:
        verbose_name = _l("receiver")
        verbose_name_plural = _l("receivers")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class DeliveryState(models.TextChoices):
    WAITING = "waiting", _l("waiting")
    DELIVERED = "delivered", _l("delivered")
    DROPPED = "dropped", _l("not needed any more")


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def visible_to(self, user: AnyUser) -> DeliveryQuerySet:
        return self if sees_all(user) else self.filter(receiver__company__in=Company.objects.visible_to(user))


class Delivery(models.Model):
    """One thing to be told to one receiver: at least once, and in the order of ``number``."""

    id = models.BigAutoField(primary_key=True)
    receiver = models.ForeignKey(
        Receiver, verbose_name=_l("receiver"), on_delete=models.CASCADE, related_name="deliveries", db_index=False
    )
    number = models.BigIntegerField(_l("number"))
    #: What it is about, such as ``incident 12 opened``: the same is never told twice to one receiver.
    key = models.CharField(max_length=200)
    event = models.CharField(_l("event"), max_length=40)
    incident = models.ForeignKey(
        Incident, verbose_name=_l("incident"), on_delete=models.SET_NULL, null=True, related_name="deliveries"
    )
    alarm = models.ForeignKey(Alarm, on_delete=models.SET_NULL, null=True, related_name="deliveries")
    body = models.JSONField(default=dict)
    made_at = models.DateTimeField(_l("made at"))
    not_before = models.DateTimeField(_l("not before"))
    next_try_at = models.DateTimeField(_l("next try at"))
    tries = models.PositiveIntegerField(_l("tries"), default=0)
    state = models.CharField(_l("state"), max_length=9, choices=DeliveryState, default=DeliveryState.WAITING)
    settled_at = models.DateTimeField(_l("delivered at"), null=True)
    #: Why the last try failed, or why it was dropped.
    reason = models.CharField(_l("reason"), max_length=500, blank=True, default="")
    #: It tells that something began, and nothing tells its end yet.
    stands = models.BooleanField(default=False)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _l("delivery")
        verbose_name_plural = _l("deliveries")
        ordering = ["-made_at"]
        indexes = [
            models.Index(fields=["-made_at"], name="delivery_by_time"),
            models.Index(
                fields=["receiver", "number"], name="delivery_waiting", condition=Q(state=DeliveryState.WAITING)
            ),
            models.Index(fields=["receiver"], name="delivery_stands", condition=Q(stands=True)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["receiver", "key"], name="one_delivery_a_key"),
            models.UniqueConstraint(fields=["receiver", "number"], name="one_delivery_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.receiver_id} {self.number}: {self.key}"
