"""A page with a square to scan. The app's key waits, sealed, in the session until a code shows that it was taken."""

from __future__ import annotations

from typing import Any

import segno
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from smmeplus.people.second_factor.codes import address_for_app, in_words, new_key, set_up
from smmeplus.people.second_factor.sealing import SealError, opened

_KEY = "set-up"
_SCALE = 5  # pixels of a module


class SettingUpMixin:
    """For a FormView with a ``user`` and the template ``registration/set_up.html``. Its form asks for the code."""

    request: HttpRequest
    user: User

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        key = self._key()
        square = segno.make(address_for_app(self.user, key), error="m").svg_data_uri(scale=_SCALE, light="#fff")
        shown = {"square": square, "in_words": in_words(key)}
        return super().get_context_data(**kwargs) | shown  # type: ignore[misc, no-any-return] # of the generic view

    def form_valid(self, form: Any) -> HttpResponse:
        codes = set_up(self.user, self._key(), form.cleaned_data["one_time_code"])
        if codes is None:
            said = _("This is not what the app should show now. Is the clock of your phone right?")
            form.add_error(None, said)
            return self.form_invalid(form)  # type: ignore[attr-defined, no-any-return] # of the generic view
        del self.request.session[_KEY]
        return self.done(codes)

    def done(self, codes: list[str]) -> HttpResponse:
        raise NotImplementedError

    def show_codes(self, codes: list[str], next_url: str) -> HttpResponse:
        return show_codes(self.request, codes, next_url)

    def _key(self) -> str:
        """The one that is waiting, so that a page that was loaded twice goes with what was scanned first."""
        key: str = self.request.session.get(_KEY, "")
        try:
            opened(key)
        except SealError:
            key = self.request.session[_KEY] = new_key()
        return key


def show_codes(request: HttpRequest, codes: list[str], next_url: str) -> HttpResponse:
    """Once: they are kept nowhere in clear."""
    context = {"codes": codes, "next_url": next_url, "title": _("Your recovery codes")}
    response = render(request, "registration/recovery_codes.html", context)
    response["Cache-Control"] = "no-store"
    return response
