"""The pages between the password and the session. Each leads to the next one, or in."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.generic import FormView

from smmeplus.models import Account
from smmeplus.people.guessing import refusal_of, tell_failure
from smmeplus.people.second_factor.codes import TooSoonError, is_right
from smmeplus.people.second_factor.setting_up import SettingUpMixin
from smmeplus.people.security_log import tell
from smmeplus.people.steps.forms import CodeForm, NewPasswordForm
from smmeplus.people.steps.pending import CODE, RECOVERY_CODE, Pending, finish, keep, next_step, pending_of


def where_next(request: HttpRequest, user: User, pending: Pending) -> str:
    """The address of the next step; after the last one they are signed in, and it is where they wanted to go."""
    step = next_step(user, pending)
    if step is None:
        finish(request, user, pending)
        return pending.next
    keep(request, pending)
    return reverse(step)


@method_decorator(login_not_required, name="dispatch")
class Step(FormView[Any]):
    """For who has begun to sign in, and is to do just this; others are led to where they are."""

    template_name = "registration/step.html"
    step = ""
    title: Any = ""
    submit_label: Any = _l("Go on")
    user: User
    pending: Pending

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            return redirect("home")
        found = pending_of(request)
        if found is None:
            return redirect_to_login(request.get_full_path())
        self.user, self.pending = found
        if next_step(*found) != self.step:
            return redirect(where_next(request, *found))
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = {"title": self.title, "submit_label": self.submit_label, "name": self.user.get_username()}
        return super().get_context_data(**kwargs) | shown

    def go_on(self) -> HttpResponse:
        return redirect(where_next(self.request, self.user, self.pending))


class CodeStep(Step):
    form_class = CodeForm
    step = "sign-in-code"
    title = _l("Enter a code")
    submit_label = _l("Sign in")
    extra_context = {"lead": _l("Type what your authenticator app shows now, or one of your recovery codes.")}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return refusal_of(request, self.user) or super().post(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            right = is_right(self.user, form.cleaned_data["one_time_code"])
        except TooSoonError as error:
            form.add_error(None, _("After a wrong code please wait: try again in %(n)d s.") % {"n": error.seconds})
            return self.form_invalid(form)
        if right is None:
            tell_failure(self.request, self.user, "code")
            form.add_error(None, _("This code is wrong, or it was used before: wait for the next one."))
            return self.form_invalid(form)
        self.pending.method = RECOVERY_CODE if right.is_recovery else CODE
        return self.go_on()


class SetUpStep(SettingUpMixin, Step):
    """Who must have a second factor and has none is let in with one."""

    template_name = "registration/set_up.html"
    form_class = CodeForm
    step = "sign-in-set-up"
    title = _l("Set up your second factor")
    lead = _l("Your account needs a second factor. It is asked for at each sign-in, after the password.")

    def done(self, codes: list[str]) -> HttpResponse:
        self.pending.method = CODE
        tell("second factor set up", self.request, user=self.user.get_username())
        return self.show_codes(codes, where_next(self.request, self.user, self.pending))


class PasswordStep(Step):
    """Who has a password that an administrator knows chooses one of their own."""

    form_class = NewPasswordForm
    step = "sign-in-password"
    title = _l("Choose your password")
    extra_context = {"lead": _l("Somebody else set your password. Choose one that only you know.")}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.user}

    def form_valid(self, form: Any) -> HttpResponse:
        form.save()
        Account.objects.filter(user=self.user).update(must_change_password=False)
        self.pending.verified = self.user.get_session_auth_hash()
        tell("password changed", self.request, user=self.user.get_username())
        return self.go_on()
