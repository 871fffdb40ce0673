"""Types of concentrator, and where the meaning of their messages differs from the default (WIR-4)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _l
from simple_history.models import HistoricalRecords

from concentrators.models.signs import FORM, LOGICAL_NAME, sign_in_words
from smmeplus.dlms.kinds import Kind

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

DEFAULT_TYPE = "CERCO1"
_LIKE_A_LOGICAL_NAME = RegexValidator(LOGICAL_NAME, _l("A logical name is like 0-1:25.9.0.255."), flags=re.ASCII)


def _logical_name(label: StrPromise, default: str) -> models.CharField[str, str]:
    return models.CharField(
        label,
        max_length=23,
        default=default,
        validators=[_LIKE_A_LOGICAL_NAME],
    )


class ConcentratorType(models.Model):
    """A model of concentrator, such as CERCO1."""

    #: Logical names of the objects that are read and written (CFG-2, CFG-3); the defaults are CERCO1's.
    OBJECTS = ("push_setup", "last_gasp_setup", "period_object", "identity_object", "device_name_object")
    #: Those that a device need not have.
    OPTIONAL_OBJECTS = ("power_log_object",)

    name = models.CharField(_l("name"), max_length=32, unique=True)
    push_setup = _logical_name(_l("push setup of wake-ups"), "0-1:25.9.0.255")
    last_gasp_setup = _logical_name(_l("push setup of the last gasp"), "0-4:25.9.0.255")
    period_object = _logical_name(_l("object with the wake-up period"), "0-0:94.39.58.255")
    identity_object = _logical_name(_l("object with the serial number"), "0-0:96.1.0.255")
    device_name_object = _logical_name(_l("object with the logical device name"), "0-0:42.0.0.255")
    #: A Profile generic (STA-11).
    power_log_object = models.CharField(
        _l("log of power failures"),
        max_length=23,
        default="1-0:99.97.0.255",
        db_default="1-0:99.97.0.255",
        blank=True,
        validators=[_LIKE_A_LOGICAL_NAME],
        help_text=_l("Empty: it keeps none, or none is read."),
    )

    class Meta:
        verbose_name = _l("concentrator type")
        verbose_name_plural = _l("concentrator types")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class KindRule(models.Model):
    """What a sign in the messages of one type means; every other sign keeps its default meaning."""

    type = models.ForeignKey(
        ConcentratorType, verbose_name=_l("type"), on_delete=models.CASCADE, related_name="kind_rules"
    )
    sign = models.CharField(
        _l("sign"),
        max_length=64,
        validators=[
            RegexValidator(
                FORM,
                _l(
                    "A sign is like “push 0-1:25.9.0.255 word 1 bit 2”, “push 0-1:25.9.0.255 code 12”, "
                    "“push 0-1:25.9.0.255”, “word 2 bit 85”, “code 12”, “no push” or “object 1 0-0:96.1.0.255”."
                ),
                flags=re.ASCII,
            )
        ],
        help_text=_l(
            "What says the kind: the logical name of a push or none, and with it an event code or a bit of an alarm "
            "word; or the class and OBIS code of an event's object."
        ),
    )
    kind = models.PositiveSmallIntegerField(_l("kind"), choices=[(kind.value, kind.word) for kind in Kind])
    history = HistoricalRecords()

    class Meta:
        verbose_name = _l("kind of message by type")
        verbose_name_plural = _l("kinds of message by type")
        ordering = ["type", "sign"]
        constraints = [models.UniqueConstraint(fields=["type", "sign"], name="one_kind_for_a_sign_of_a_type")]

    def __str__(self) -> str:
        return f"{sign_in_words(self.sign)}: {self.get_kind_display()}"
