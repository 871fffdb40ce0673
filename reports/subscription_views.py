"""Users choose the companies of which they get the daily or the monthly report by e-mail."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import FormView, View

from concentrators.models import Company
from reports.mailing import end_by_link, kind_of_link
from reports.models import Kind, Subscription


class SubscriptionForm(forms.Form):
    company = forms.MultipleChoiceField(
        label=_l("Companies"),
        required=False,
        widget=forms.CheckboxSelectMultiple({"class": "form-check-input"}),
        error_messages={"invalid_choice": _l("This is not one of your companies.")},
    )

    def __init__(self, *args: Any, user: Any, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.kind = user, kind
        self.companies = {str(company.pk): company for company in Company.objects.visible_to(user)}
        self.subscriptions = Subscription.objects.filter(user=user, kind=kind)
        field = self.fields["company"]
        field.choices = [(key, company.name) for key, company in self.companies.items()]  # type: ignore[attr-defined]
        field.initial = [str(key) for key in self.subscriptions.values_list("company", flat=True)]
        field.disabled = not user.email

    def clean(self) -> dict[str, Any]:
        if not self.user.email:
            raise ValidationError(
                _("Nothing can be mailed to you before an administrator has set your e-mail address.")
            )
        return self.cleaned_data

    def save(self, language: str) -> list[Company]:
        """Subscribe the user to the companies that are ticked and no others, in ``language``; return them."""
        chosen = [self.companies[key] for key in self.cleaned_data["company"]]
        with transaction.atomic():
            self.subscriptions.exclude(company__in=chosen).delete()
            self.subscriptions.update(language=language)
            Subscription.objects.bulk_create(
                [Subscription(user=self.user, company=one, kind=self.kind, language=language) for one in chosen],
                ignore_conflicts=True,  # one that was there keeps the day that was sent
            )
        return chosen


class Subscriptions(FormView[SubscriptionForm]):
    """Of the daily report."""

    kind = Kind.DAILY
    title = _l("Daily report by e-mail")
    description = _l(
        "After each reporting day its wake-ups and silent concentrators are mailed to you, in the language in which "
        "you saved this page."
    )
    said_some = _l("You get the daily report by e-mail for: %(companies)s.")
    said_none = _l("No daily report is mailed to you any more.")
    form_class = SubscriptionForm
    template_name = "reports/subscriptions.html"
    success_url = reverse_lazy("reports:subscriptions")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.request.user, "kind": self.kind}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs, title=self.title, description=self.description)

    def form_valid(self, form: SubscriptionForm) -> HttpResponse:
        chosen = form.save(get_language() or "en")
        messages.success(self.request, self._said(", ".join(company.name for company in chosen)))
        return super().form_valid(form)

    def _said(self, companies: str) -> str:
        return str(self.said_some) % {"companies": companies} if companies else str(self.said_none)


class MonthlySubscriptions(PermissionRequiredMixin, Subscriptions):
    """Of the figures of a month (STA-6)."""

    permission_required = "wakeup.view_outage"
    kind = Kind.MONTHLY
    title = _l("Monthly report by e-mail")
    description = _l(
        "After each month its reliability is mailed to you as PDF and workbook, in the language in which you saved "
        "this page."
    )
    said_some = _l("You get the monthly report by e-mail for: %(companies)s.")
    said_none = _l("No monthly report is mailed to you any more.")
    success_url = reverse_lazy("reports:monthly-subscriptions")


@method_decorator([login_not_required, csrf_exempt], name="dispatch")
class Unsubscribe(View):
    """Ends one subscription at the click of a mail program, which is not signed in (RFC 8058).

    A link that is followed, as programs do that look for malware, changes nothing: it leads to the page.
    """

    def get(self, _request: HttpRequest, key: str) -> HttpResponse:
        is_monthly = self._read(kind_of_link, key) == Kind.MONTHLY
        return redirect("reports:monthly-subscriptions" if is_monthly else "reports:subscriptions")

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        self._read(kind_of_link, key)
        if request.POST.get("List-Unsubscribe") != "One-Click":
            return HttpResponseBadRequest()
        self._read(end_by_link, key)
        return HttpResponse(status=HTTPStatus.NO_CONTENT)

    @staticmethod
    def _read(read: Callable[[str], str], key: str) -> str:
        try:
            return read(key)
        except BadSignature as error:
            raise Http404 from error
