"""What operators say to incidents, and which members they choose (STA-5)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _l

from concentrators.models import AnyUser, Company, sees_all
from smmeplus.common.choosing import KeysField, SelectionForm
from smmeplus.common.forms import StyledForm
from smmeplus.common.stale.forms import UnchangedForm
from wakeup.models import CauseClass, Incident, IncidentNote, Outage
from wakeup.monitoring.incidents.pages.filters import MemberFilterSet
from wakeup.monitoring.incidents.states import title_of

LONGEST_TEXT = IncidentNote._meta.get_field("text").max_length


class TextField(forms.CharField):
    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(label=label, max_length=LONGEST_TEXT, widget=forms.Textarea({"rows": 4}), **kwargs)


class CommentForm(StyledForm, forms.Form):
    text = TextField(_l("Comment"))


class ReclassForm(StyledForm, UnchangedForm):
    cause = forms.ChoiceField(label=_l("Cause"), choices=CauseClass.choices)
    reason = TextField(_l("Why"), help_text=_l("It stands in the timeline."))

    mandatory = ("cause", "reason")

    class Meta:
        model = Incident
        fields = ("cause",)


class OwnerForm(StyledForm, UnchangedForm):
    """Among those who may act on the incident."""

    class Meta:
        model = Incident
        fields = ("owner",)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owners = possible_owners(self.instance, user)
        self.fields["owner"] = forms.ModelChoiceField(owners, label=_l("Owner"))
        self.fields["owner"].widget.attrs["class"] = "form-select"


def possible_owners(incident: Incident, user: AnyUser) -> QuerySet[User]:
    """Who belongs to the company of ``incident``, or to one of ``user`` if it has none, and may act; and ``user``."""
    may_act = User.objects.with_perm("wakeup.change_incident", backend="django.contrib.auth.backends.ModelBackend")
    companies = Company.objects.visible_to(user)
    if incident.company_id is not None:
        companies = companies.filter(pk=incident.company_id)
    is_near = Q(companies__in=companies) | Q(pk=user.pk)
    found: QuerySet[User] = may_act.filter(Q() if sees_all(user) and incident.company_id is None else is_near)
    return found.order_by("username").distinct()


class IncidentField(forms.ModelChoiceField[Incident]):
    def label_from_instance(self, incident: Any) -> str:
        return title_of(incident)


class MergeForm(StyledForm, forms.Form):
    """Into which of the open incidents of its company."""

    into = IncidentField(
        Incident.objects.none(),
        label=_l("Make it a part of"),
        error_messages={"invalid_choice": _l("This incident is not open any more. Choose another one.")},
    )

    def __init__(self, *args: Any, candidates: QuerySet[Incident], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].queryset = candidates  # type: ignore[attr-defined] # a choice


def candidates_for(incident: Incident, user: AnyUser) -> QuerySet[Incident]:
    """The incidents of which ``incident`` can be made a part."""
    near = Incident.objects.visible_to(user).open().filter(company=incident.company_id).exclude(pk=incident.pk)
    return near.select_related("company").order_by("-began_at", "pk")


class MemberChoiceForm(SelectionForm):
    """The members chosen one by one, and all that match filters, each as the address of the page has them (CON-3)."""

    key_field = "outage"
    nothing_chosen = _l("Select at least one concentrator.")

    outage = KeysField()

    def clean(self) -> dict[str, Any]:
        if not all(MemberFilterSet(QueryDict(one)).is_valid() for one in self.cleaned_data.get("all", ())):
            raise ValidationError(self.nothing_chosen)
        return super().clean()

    def chosen_of(self, offered: QuerySet[Outage]) -> QuerySet[Outage]:
        """Those of ``offered`` that are chosen. Whatever is posted, no other is. The filters are applied now."""
        chosen: QuerySet[Outage] = self.selection().of(offered, _matching)
        return chosen


def _matching(outages: Any, query: str) -> Any:
    return MemberFilterSet(QueryDict(query), queryset=outages).qs
