"""Lists of serial numbers that are pasted into a search and too long for an address (REP-6)."""

from __future__ import annotations

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpRequest, JsonResponse
from django.views.generic import View

from concentrators.finding import Sought, too_long
from concentrators.models import PastedList
from smmeplus.common.request import now_of


class Paste(PermissionRequiredMixin, View):
    """Keeps the posted ``text``; answers with the short ``search`` that stands for it, or with a ``problem``."""

    http_method_names = ("post",)
    permission_required = "concentrators.view_concentrator"
    raise_exception = True

    def post(self, request: HttpRequest) -> JsonResponse:
        now = now_of(request)
        sought = Sought.of(request.POST.get("text", "").replace("\0", ""))  # which PostgreSQL refuses
        if sought.is_too_long:
            return JsonResponse({"problem": too_long(sought)})
        PastedList.objects.filter(pasted_at__lt=now - PastedList.KEPT).delete()
        kept = PastedList.objects.create(words="\n".join(sought.words or [sought.phrase]), pasted_at=now)
        return JsonResponse({"search": str(kept)})
