"""Admin, Administration: the tokens of all users whom an administrator may change; each may be ended (API-1)."""

from __future__ import annotations

from typing import Any

import django_filters
import django_tables2 as tables
from django import forms
from django.contrib import messages
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import F, Q, QuerySet, TextChoices, Value
from django.db.models.functions import Coalesce, Concat
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.generic import View
from knox.models import AuthToken

from concentrators.models import Company
from smmeplus.api.tokens.showing import companies_of, scope_of
from smmeplus.common.lists import ListFilterSet, ListPage, ListTable, MomentColumn
from smmeplus.common.request import now_of, once_a_request, user_of
from smmeplus.models.tokens import begin_of, details_of
from smmeplus.people.rights import changeable_users
from smmeplus.people.security_log import tell

PERMISSION = "auth.change_user"


class TokenState(TextChoices):
    GOOD = "good", _l("good")
    ENDED = "ended", _l("ended")


def tokens_for(request: HttpRequest) -> QuerySet[Any]:
    """Those of whom the user of ``request`` may change, also ended ones, with what is shown of each.

    Of somebody who belongs to another company, too, they would tell what is done there.
    """
    tokens: QuerySet[Any] = AuthToken.objects.filter(user__in=changeable_users(user_of(request)))
    shown: QuerySet[Any] = tokens.select_related("user", "details").annotate(
        name=Coalesce("details__name", Concat("token_key", Value("…"))),
        last_used_on=F("details__last_used_on"),
    )
    return shown


class TokenFilterSet(ListFilterSet):
    state = django_filters.ChoiceFilter(
        label=_l("State"), choices=TokenState.choices, empty_label=_l("All"), method="in_state"
    )
    q = django_filters.CharFilter(label=_l("User or name"), method="search", widget=forms.TextInput({"type": "search"}))

    class Meta:
        model = AuthToken
        fields = ["state", "q"]

    def in_state(self, rows: QuerySet[Any], _name: str, state: str) -> QuerySet[Any]:
        has_ended = Q(expiry__lte=now_of(self.request))
        return rows.filter(has_ended) if state == TokenState.ENDED else rows.exclude(has_ended)

    def search(self, rows: QuerySet[Any], _name: str, text: str) -> QuerySet[Any]:
        return rows.filter(Q(user__username__icontains=text) | Q(name__icontains=text))


class TokenTable(ListTable):
    """The youngest first."""

    user = tables.Column(verbose_name=_l("User"), order_by="user__username", accessor="user__username")
    name = tables.Column(verbose_name=_l("Name"))
    token_key = tables.Column(verbose_name=_l("Begins with"), orderable=False)
    scope = tables.Column(verbose_name=_l("Scope"), empty_values=(), orderable=False)
    companies = tables.Column(verbose_name=_l("Companies"), empty_values=(), orderable=False)
    networks = tables.Column(verbose_name=_l("Networks"), empty_values=(), orderable=False)
    created = MomentColumn(verbose_name=_l("Made (UTC)"), wraps=True)
    expiry = MomentColumn(verbose_name=_l("Ends (UTC)"), wraps=True, default=_l("never"))
    last_used_on = tables.DateColumn(verbose_name=_l("Last used (UTC)"), default=_l("never"))
    actions = tables.Column(verbose_name=_l("Actions"), empty_values=(), orderable=False)

    class Meta:
        order_by = "-created"
        empty_text = _l("No token matches. Users make them on the page “API tokens”.")

    def render_token_key(self, record: Any) -> str:
        return format_html("<code>{}</code>", begin_of(record))

    def render_scope(self, record: Any) -> str:
        return scope_of(details_of(record))

    def render_companies(self, record: Any) -> str:
        return companies_of(details_of(record), self._names)

    def render_networks(self, record: Any) -> str:
        return details_of(record).networks or _("any")

    def render_actions(self, record: Any) -> str:
        has_ended = record.expiry is not None and record.expiry <= now_of(self.request)
        if has_ended:
            return format_html('<span class="badge text-bg-secondary">{}</span>', TokenState.ENDED.label)
        return render_to_string("tokens_end_cell.html", {"record": record}, self.request)

    @property
    def _names(self) -> dict[int, str]:
        """Of the companies that the reader sees, by key."""

        def load() -> dict[int, str]:
            return dict(Company.objects.visible_to(self.request.user).values_list("pk", "name"))

        return once_a_request(self.request, "names_of_companies", load)


class UserTokens(PermissionRequiredMixin, ListPage):  # type: ignore[misc] # both dispatch alike
    model = AuthToken
    table_class = TokenTable
    filterset_class = TokenFilterSet
    permission_required = PERMISSION
    template_name = "list.html"
    title = _l("API tokens of users")

    def get_queryset(self) -> QuerySet[Any]:
        return tokens_for(self.request)


class EndUserToken(PermissionRequiredMixin, View):
    """From its next request on the program is refused."""

    permission_required = PERMISSION
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        key = request.POST.get("token", "")
        token = tokens_for(request).filter(pk=key).first() if key.isalnum() else None
        if token is not None:
            told = {"token": begin_of(token), "name": token.name, "of": token.user.get_username()}
            AuthToken.objects.filter(pk=token.pk).delete()
            tell("token revoked", request, **told)
            messages.success(request, _("The token “%(name)s” of %(of)s was ended.") % told)
        return redirect("user-tokens")
