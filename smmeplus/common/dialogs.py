"""Forms in a dialog over the page. Without scripts the same form is a page of its own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import FieldDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from smmeplus.common.forms import is_secret
from smmeplus.common.stale.refusing import deletion_in_words

#: Fields that nobody typed.
_UNTYPED = ("csrfmiddlewaretoken", "seen", "initial-")


class DialogMixin:
    """For generic views: sends htmx only the content of the template, and leaves the dialog after success."""

    request: HttpRequest
    kwargs: dict[str, Any]
    dialog_title: Any = ""
    submit_label: Any = ""
    submit_class = "btn-primary"
    #: The model that it is about by its ``pk``, if everybody may be told who has deleted one.
    deleted_model: Any = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        except Http404:
            if request.method != "POST" and not request.htmx:  # type: ignore[attr-defined] # set by the middleware
                raise
            return self._gone()
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc] # of the generic view
        return context | self._frame()

    def leave(self, url: str, message: str) -> HttpResponse:
        messages.success(self.request, message)
        if self.request.htmx:  # type: ignore[attr-defined]
            return HttpResponseClientRedirect(url)
        return HttpResponseRedirect(url)

    def _frame(self) -> dict[str, Any]:
        is_part = bool(self.request.htmx)  # type: ignore[attr-defined]
        return {
            "base": "dialog_part.html" if is_part else "dialog_page.html",
            "title": self.dialog_title,
            "submit_label": self.submit_label,
            "submit_class": self.submit_class,
        }

    def _gone(self) -> HttpResponse:
        """What it is about is not there any more: who has deleted it, and what was typed (UI-9)."""
        said = _("This is not there any more, or it is not for you. Nothing was changed.")
        if self.deleted_model is not None:
            said = deletion_in_words(self.deleted_model, self.kwargs.get("pk"))
        sent = self.request.POST.items()
        told = {name: value for name, value in sent if not name.startswith(_UNTYPED) and not is_secret(name)}
        typed = [(self._label(name), value) for name, value in told.items() if value]
        page = getattr(self.request, "htmx").current_url_abs_path or ""  # noqa: B009 - set by the middleware
        context = self._frame() | {"said": said, "typed": typed, "back_url": page or "/"}
        response = render(self.request, "dialog_gone.html", context, status=404)
        response["HX-Retarget"] = "#dialog"  # smmeplus.js lets htmx swap a refusal that says where to
        return response

    def _label(self, name: str) -> str:
        try:
            return str(self.deleted_model._meta.get_field(name).verbose_name)
        except (AttributeError, FieldDoesNotExist):
            return name
