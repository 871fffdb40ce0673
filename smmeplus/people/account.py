"""*My account*: one's own second factor and sessions, and the way to password and tokens (ACC-2)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import ngettext
from django.views.generic import FormView, TemplateView, View

from smmeplus.common.request import user_of
from smmeplus.people.guessing import refusal_of, tell_failure
from smmeplus.people.second_factor.codes import (
    TooSoonError,
    demanded_of,
    has_one,
    is_right,
    new_recovery_codes,
    recovery_codes_left,
    remove,
)
from smmeplus.people.second_factor.setting_up import SettingUpMixin, show_codes
from smmeplus.people.security_log import tell
from smmeplus.people.sessions.marking import end_session, end_sessions, sessions_of
from smmeplus.people.steps.forms import CodeForm
from smmeplus.people.steps.pending import CODE, DIRECTORY, METHOD


class MyAccount(TemplateView):
    template_name = "account.html"
    extra_context = {"title": _l("My account")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = user_of(self.request)
        return super().get_context_data(**kwargs) | {
            "is_of_directory": self.request.session.get(METHOD) == DIRECTORY,
            "has_password": user.has_usable_password(),
            "has_second_factor": has_one(user),
            "is_demanded": demanded_of(user),
            "recovery_codes_left": recovery_codes_left(user),
            "sessions": sessions_of(user, self.request),
        }


class ProvenForm(CodeForm):
    """Who sits there shows again that it is they: whoever finds a desk unlocked does not take the account over."""

    password = forms.CharField(
        label=_l("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
    field_order = ("password", "one_time_code")

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.user = user_of(request)
        self.fields["one_time_code"].widget.attrs.pop("autofocus", None)

    def clean_password(self) -> None:
        if not self.user.check_password(self.cleaned_data["password"]):
            tell_failure(self.request, self.user, "password")
            raise ValidationError(_("This is not your password."))


class ProvenByCodeForm(ProvenForm):
    """With a code of the second factor that there is."""

    def clean(self) -> dict[str, Any]:
        code = self.cleaned_data.get("one_time_code", "")
        if not self.errors and not self._is_right(code):
            tell_failure(self.request, self.user, "code")
            raise ValidationError(_("This code is wrong, or it was used before: wait for the next one."))
        return self.cleaned_data

    def _is_right(self, code: str) -> bool:
        try:
            return is_right(self.user, code) is not None
        except TooSoonError as error:
            said = _("After a wrong code please wait: try again in %(n)d s.") % {"n": error.seconds}
            raise ValidationError(said) from None


class Proven(FormView[Any]):
    template_name = "registration/step.html"
    success_url = reverse_lazy("account")
    title: Any = ""
    submit_label: Any = ""
    submit_class = "btn-primary"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.user = user_of(request)
        if not self.may_be_used():
            return redirect("account")
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    def may_be_used(self) -> bool:
        return has_one(self.user)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return refusal_of(request, self.user) or super().post(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"request": self.request}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        names = ("title", "submit_label", "submit_class")
        shown = {name: getattr(self, name) for name in names} | {"back_url": self.success_url}
        return super().get_context_data(**kwargs) | shown


class SetUpSecondFactor(SettingUpMixin, Proven):
    """Of a new phone, too, as long as there is none: who has one takes it away first, which needs its code."""

    template_name = "registration/set_up.html"
    form_class = ProvenForm
    title = _l("Set up your second factor")
    submit_label = _l("Set up")

    def may_be_used(self) -> bool:
        return not has_one(self.user) and self.user.has_usable_password()

    def done(self, codes: list[str]) -> HttpResponse:
        self.request.session[METHOD] = CODE
        tell("second factor set up", self.request)
        return self.show_codes(codes, str(self.success_url))


class NewRecoveryCodes(Proven):
    form_class = ProvenByCodeForm
    title = _l("New recovery codes")
    submit_label = _l("Make new codes")
    extra_context = {"lead": _l("The former codes no longer work.")}

    def form_valid(self, _form: Any) -> HttpResponse:
        tell("recovery codes made", self.request)
        return show_codes(self.request, new_recovery_codes(self.user), str(self.success_url))


class RemoveSecondFactor(Proven):
    form_class = ProvenByCodeForm
    title = _l("Remove your second factor")
    submit_label = _l("Remove")
    submit_class = "btn-danger"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        needs = _("Your account needs one: you are signed out, and set up another at the next sign-in.")
        lead = needs if demanded_of(self.user) else _("From then on your password alone lets you in.")
        return super().get_context_data(**kwargs) | {"lead": lead}

    def form_valid(self, form: Any) -> HttpResponse:
        remove(self.user)
        self.request.session.pop(METHOD, None)
        tell("second factor removed", self.request)
        messages.success(self.request, _("Your second factor was removed."))
        return super().form_valid(form)


class EndSession(View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        if end_session(user_of(request), request.POST.get("session", "")):
            tell("sessions ended", request, number=1)
            messages.success(request, _("The session was ended."))
        return redirect("account")


class EndOtherSessions(View):
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        number = end_sessions(user_of(request), but=request.session.session_key)
        if number:
            tell("sessions ended", request, number=number)
        said = ngettext("%(n)d other session was ended.", "%(n)d other sessions were ended.", number)
        messages.success(request, said % {"n": number})
        return redirect("account")
