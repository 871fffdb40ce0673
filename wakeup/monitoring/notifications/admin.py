"""Receivers of notifications in the admin site; their secrets are made here, and shown once (STA-7, STA-10)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from simple_history.admin import SimpleHistoryAdmin

from concentrators.admin import OwnCompaniesFilter, OwnHistoryMixin
from concentrators.keys.encryption import NoKeyError
from concentrators.models import Company, sees_all
from smmeplus.common.stale.admin import UnchangedAdminForm, UnchangedAdminMixin
from wakeup.models import BodyFormat, Receiver, ReceiverKind, Tells
from wakeup.monitoring.notifications.sending.addresses import WrongUrlError, read_url
from wakeup.monitoring.notifications.sending.amqp import read_amqp_url
from wakeup.monitoring.notifications.sending.channels import addresses_of
from wakeup.monitoring.notifications.sending.secrets import make_secret

_SYSTEMS = (ReceiverKind.WEBHOOK, ReceiverKind.AMQP)
_DELAYS = ("delay_power_min", "delay_communication_min", "delay_our_side_min", "delay_undecided_min")


class ReceiverForm(UnchangedAdminForm):
    language = forms.ChoiceField(label=_l("Language"), choices=settings.LANGUAGES)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        kind, address = cleaned.get("kind"), cleaned.get("address")
        if kind and address:
            try:
                _check_address(kind, address)
            except ValidationError as error:
                self.add_error("address", error)
        if kind and kind not in _SYSTEMS and cleaned.get("body_format") == BodyFormat.IEC_61968_9:
            self.add_error("body_format", _("Only a webhook and AMQP have a body of IEC 61968-9."))
        if kind and cleaned.get("tells") == Tells.EVENTS:
            self._check_events(kind, cleaned.get("body_format"))
        return cleaned

    def _check_events(self, kind: str, body_format: str | None) -> None:
        if kind not in _SYSTEMS:
            self.add_error("tells", _("All events go to a webhook or by AMQP alone."))
        elif body_format == BodyFormat.IEC_61968_9:
            self.add_error("body_format", _("All events are told in JSON."))


def _check_address(kind: str, address: str) -> None:
    """Raises ValidationError."""
    if kind == ReceiverKind.EMAIL:
        _check_addresses(address)
    elif kind == ReceiverKind.AMQP:
        _check_broker(address)
    else:
        _check_url(address)


def _check_addresses(text: str) -> None:
    words = addresses_of(text)
    if not words:
        raise ValidationError(_("Enter at least one e-mail address."))
    for word in words:
        try:
            validate_email(word)
        except ValidationError:
            raise ValidationError(_("“%(word)s” is no e-mail address.") % {"word": word}) from None


def _check_url(text: str) -> None:
    try:
        read_url(text)
    except WrongUrlError:
        raise ValidationError(
            _("Enter an URL such as https://10.20.0.5/hook, in ASCII and without a user in it.")
        ) from None


def _check_broker(text: str) -> None:
    try:
        read_amqp_url(text)
    except WrongUrlError:
        raise ValidationError(
            _("Enter an address such as amqps://smm@broker.example/events: user, host, and queue or topic.")
        ) from None


class ReceiverAdmin(UnchangedAdminMixin, OwnHistoryMixin, SimpleHistoryAdmin):  # type: ignore[misc] # untyped
    form = ReceiverForm
    list_display = ("name", "kind", "company", "address", "is_active")
    list_filter = ("kind", ("company", OwnCompaniesFilter), "is_active")
    list_select_related = ("company",)
    search_fields = ("name", "address")
    fieldsets = (
        (None, {"fields": ("name", "kind", "company", "address", "body_format", "language", "is_active")}),
        (_l("What is told"), {"fields": ("tells", "least_priority", *_DELAYS)}),
    )

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Who does not see all companies makes receivers of theirs alone: one without a company is told of all."""
        if db_field.related_model is Company and not sees_all(request.user):
            kwargs["required"] = True
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_urls(self) -> list[Any]:
        secret = self.admin_site.admin_view(self.secret_view)
        return [path("<path:object_id>/secret/", secret, name="wakeup_receiver_secret"), *super().get_urls()]

    def secret_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Asks, and after a POST shows the new secret, which nobody sees again."""
        receiver = self.get_object(request, unquote(object_id))
        if receiver is None or receiver.kind == ReceiverKind.EMAIL:
            raise Http404
        if not self.has_change_permission(request, receiver):
            raise PermissionDenied
        context = {**self.admin_site.each_context(request), "title": _("New secret"), "receiver": receiver}
        if request.method == "POST":
            context |= _new_secret(receiver)
        return TemplateResponse(request, "admin/wakeup/receiver/secret.html", context)


def _new_secret(receiver: Receiver) -> dict[str, str]:
    try:
        return {"secret": make_secret(receiver)}
    except NoKeyError as error:
        return {"refusal": str(error)}
