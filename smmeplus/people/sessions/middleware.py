"""Which sessions pass, and what counts as a use of one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponseBase

from smmeplus.people.second_factor.codes import demanded_of
from smmeplus.people.sessions.store import SessionStore
from smmeplus.people.steps.pending import METHOD, PASSWORD

#: What smmeplus.js sends with what a page asks for by itself: nobody sits there.
BY_ITSELF: Final = "X-By-Itself"


def complete_sessions(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A middleware: who needs a second factor and has not shown it is nobody, wherever they ask.

    The pages of the sign-in let nobody in without it; this is for sessions of before it was demanded.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        session = request.session
        if SESSION_KEY not in session:
            return get_response(request)
        is_complete = session.get(METHOD, PASSWORD) != PASSWORD
        if not is_complete and isinstance(request.user, User) and demanded_of(request.user):
            request.user = AnonymousUser()
        elif isinstance(session, SessionStore) and BY_ITSELF not in request.headers:
            session.note_use()
        return get_response(request)

    return answer
