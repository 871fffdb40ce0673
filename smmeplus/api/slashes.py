"""Addresses without their last slash: a program that is sent on asks the same again, with its method and body."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase, HttpResponsePermanentRedirect
from django.middleware import common
from django.utils.http import escape_leading_slashes

from smmeplus.common.api.problems import PREFIX


class CommonMiddleware(common.CommonMiddleware):
    """Django's, but under ``/api/`` with 308: after a 301 clients make a GET of a POST, and forget its body."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_ours = response.status_code == 404 and request.path_info.startswith(PREFIX)
        if is_ours and self.should_redirect_with_slash(request):
            url = escape_leading_slashes(request.get_full_path(force_append_slash=True))
            return HttpResponsePermanentRedirect(url, preserve_request=True)
        return super().process_response(request, response)
