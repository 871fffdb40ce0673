"""Shows a form again with what was typed into it, and does nothing else."""

from __future__ import annotations

from typing import Any

from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.urls import ResolverMatch, resolve
from django.views.generic.edit import ProcessFormView
from django_htmx.middleware import HtmxDetails

from smmeplus.common.dialogs import DialogMixin
from smmeplus.kept.storing import Kept

_ASKING = frozenset(
    {
        "concentrators:installation",
        "concentrators:modification",
        "concentrators:removal",
        "wakeup:ignore-strays",
        "wakeup:create-from-strays",
    }
)


def form_view_of(kept: Kept) -> type[ProcessFormView] | None:
    """The view, if it is one that shows the form it is sent; None for other views, and where a file was sent along."""
    view = getattr(resolve(kept.path).func, "view_class", None)
    is_form = isinstance(view, type) and issubclass(view, ProcessFormView | DialogMixin)
    return view if is_form and not kept.files else None


def asks_first(kept: Kept) -> bool:
    """Whether its address answers with a question, and acts on what confirms it alone, which is never kept."""
    return kept.is_part and resolve(kept.path).view_name in _ASKING


def show_again(request: HttpRequest, view_class: type[Any], kept: Kept) -> HttpResponseBase:
    """The page or dialog of ``kept`` with its fields as they were sent.

    Generic views bind a form to what a POST brings, and a GET of them never acts: here a POST is answered by that.
    """
    match = become(request, kept)
    func: Any = match.func
    view = view_class(**func.view_initkwargs)
    view.setup(request, *match.args, **match.kwargs)
    view.post = view.get
    return view.dispatch(request, *match.args, **match.kwargs)  # type: ignore[no-any-return]


def do_again(request: HttpRequest, kept: Kept) -> HttpResponseBase:
    """What the address of ``kept`` answers to it."""
    match = become(request, kept)
    return match.func(request, *match.args, **match.kwargs)  # type: ignore[no-any-return]


def become(request: HttpRequest, kept: Kept) -> ResolverMatch:
    """Turn ``request`` into what was kept. It stays the request of the user who is signed in."""
    match = resolve(kept.path)
    request.method = request.META["REQUEST_METHOD"] = "POST"
    request.path = request.path_info = request.META["PATH_INFO"] = kept.path
    request.META["QUERY_STRING"] = kept.query
    request.resolver_match = match
    # Whatever leads back leads to the page on which it was typed.
    request.META["HTTP_HX_CURRENT_URL"] = request.build_absolute_uri(kept.page)
    vars(request).pop("headers", None)
    request.htmx = HtmxDetails(request)  # type: ignore[attr-defined]
    request.GET = QueryDict(kept.query)
    # POST and FILES of a WSGIRequest are read from these, which reading the body would fill.
    assert isinstance(request, WSGIRequest)  # noqa: S101
    request._post, request._files = kept.post(), kept.uploads()  # type: ignore[attr-defined] # noqa: SLF001
    return match
