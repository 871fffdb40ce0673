"""Forms in a dialog over the page. Without scripts the same form is a page of its own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django_htmx.http import HttpResponseClientRedirect


class DialogMixin:
    """For generic views: sends htmx only the content of the template, and leaves the dialog after success."""

    request: HttpRequest
    dialog_title: Any = ""
    submit_label: Any = ""
    submit_class = "btn-primary"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc] # of the generic view
        is_part = bool(self.request.htmx)  # type: ignore[attr-defined] # set by the middleware
        return context | {
            "base": "dialog_part.html" if is_part else "dialog_page.html",
            "title": self.dialog_title,
            "submit_label": self.submit_label,
            "submit_class": self.submit_class,
        }

    def leave(self, url: str, message: str) -> HttpResponse:
        messages.success(self.request, message)
        if self.request.htmx:  # type: ignore[attr-defined]
            return HttpResponseClientRedirect(url)
        return HttpResponseRedirect(url)
