"""After the sign-in: the form as it was sent, or a question where sending it would act at once (UI-9)."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.generic import View

from smmeplus.kept.showing import asks_first, do_again, form_view_of, show_again
from smmeplus.kept.storing import Kept, forget, kept_for, peek

TITLE = _l("Go on")
SHOWN = 20  # of what was typed


class GoOn(View):
    """A GET shows and never acts. A POST does what was kept, once, or forgets it."""

    http_method_names = ["get", "post"]

    def get(self, request: HttpRequest) -> HttpResponseBase:
        kept = kept_for(request)
        if kept is None:
            return self._nothing(request)
        try:
            return self._shown(request, kept)
        except Http404:
            forget(request)
            messages.warning(request, _("What this was about is not there any more: somebody has deleted it."))
            return redirect(kept.page)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        kept = kept_for(request)
        if kept is None:
            return self._nothing(request)
        forget(request)
        return redirect(kept.page) if "discard" in request.POST else do_again(request, kept)

    def _shown(self, request: HttpRequest, kept: Kept) -> HttpResponseBase:
        if kept.without_passwords:
            messages.info(request, _("Your session had ended. Passwords are not kept, nor are keys: type them again."))
            forget(request)
            return redirect(kept.page)
        view = form_view_of(kept)
        if view is not None and kept.is_part and not self._wants_dialog(request):
            return render(request, "kept_dialog.html", {"kept": kept, "title": TITLE})
        if view is None:
            asks = asks_first(kept)
            typed = [] if asks else [pair for pair in kept.pairs if pair[1] and not pair[0].startswith("initial-")]
            context = {"kept": kept, "asks": asks, "title": TITLE, "typed": typed[:SHOWN], "more": len(typed) - SHOWN}
            return render(request, "kept.html", context)
        if not request.htmx:  # type: ignore[attr-defined] # set by the middleware
            messages.info(request, _("Your session had ended. Here is what you typed; nothing has been stored yet."))
        return show_again(request, view, kept)

    def _wants_dialog(self, request: HttpRequest) -> bool:
        """Whether the page behind the dialog is there, or there are no scripts to open one."""
        return bool(request.htmx) or "page" in request.GET  # type: ignore[attr-defined]

    def _nothing(self, request: HttpRequest) -> HttpResponse:
        if peek(request) is not None:
            forget(request)
            messages.warning(request, _("What another user had typed in this browser was thrown away."))
        else:
            messages.info(request, _("There is nothing to go on with: it was sent already, or it is too long ago."))
        return redirect("home")
