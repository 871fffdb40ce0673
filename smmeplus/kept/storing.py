"""Where a request is kept: in a row of its own among the sessions, which ends by itself and names its user.

The browser's session, which is nobody's yet, has the key of that row alone: it is read with every request.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from django.contrib.sessions.backends.db import SessionStore
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.http import url_has_allowed_host_and_scheme

from concentrators.upload.bodies import KEPT_BYTES
from smmeplus.common.forms import is_secret
from smmeplus.kept.owner import owner_of
from smmeplus.kept.sealing import sealed, unsealed

#: Bytes of a request, files and all. A larger one is not kept, and that is said.
MOST_BYTES: Final = KEPT_BYTES
LASTS_S: Final = 60 * 60
#: In the browser's session: the row with what is kept, or that it was too large.
KEY, TOO_LARGE = "kept", "kept-too-large"
#: What is not sent again: the token is a new one then, and a question is asked anew.
_UNREPEATED = frozenset({"csrfmiddlewaretoken", "confirmed", "seal", "serials", "one_time_code"})


@dataclass(frozen=True, slots=True)
class Kept:
    """A POST. ``files`` are name of the field, name of the file, type and the content, sealed."""

    owner: str
    path: str
    query: str
    #: The page on which it was sent.
    page: str
    #: Whether htmx sent it, for a dialog over the page.
    is_part: bool
    fields: Mapping[str, Sequence[str]]
    files: Sequence[Sequence[str]]
    #: Whether passwords or keys were left out. They are never kept.
    without_passwords: bool

    @property
    def url(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return [(name, value) for name, values in self.fields.items() for value in values]

    def post(self) -> QueryDict:
        data = QueryDict(mutable=True)
        for name, values in self.fields.items():
            data.setlist(name, list(values))
        data._mutable = False  # noqa: SLF001 - as it comes from a browser
        return data

    def uploads(self) -> MultiValueDict[str, Any]:
        files: MultiValueDict[str, Any] = MultiValueDict()
        for field, name, kind, content in self.files:
            if (plain := unsealed(content)) is not None:
                files.appendlist(field, SimpleUploadedFile(name, plain, kind))
        return files


def keep(request: HttpRequest) -> None:
    """Keep the POST of a user whose session has ended. Nothing is kept for a browser that nobody had signed in with."""
    owner = owner_of(request)
    if owner is None:
        return
    forget(request)
    if _size(request) > MOST_BYTES:
        request.session[TOO_LARGE] = True
        return
    SessionStore.clear_expired()
    row = SessionStore()
    row[KEY] = asdict(_kept(request, owner))
    row.set_expiry(LASTS_S)
    row.create()
    request.session[KEY] = row.session_key


def kept_for(request: HttpRequest) -> Kept | None:
    """What is kept for the user who is signed in; None if there is nothing, or it is somebody else's."""
    found = peek(request)
    return found if found is not None and found.owner == str(request.user.pk) else None


def peek(request: HttpRequest) -> Kept | None:
    """What is kept in this browser, whosever it is."""
    key = request.session.get(KEY)
    stored = SessionStore(key).get(KEY) if key else None
    return Kept(**stored) if stored else None


def forget(request: HttpRequest) -> None:
    """Nothing is kept any more."""
    request.session.pop(TOO_LARGE, None)
    key = request.session.pop(KEY, None)
    if key:
        SessionStore(key).delete()


def page_of(request: HttpRequest) -> str:
    """The address of the page that has sent ``request``, if it is one of ours; else empty."""
    page = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return ""
    parts = urlsplit(page)
    return urlunsplit(("", "", parts.path, parts.query, ""))


def _size(request: HttpRequest) -> int:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() else MOST_BYTES + 1


def _kept(request: HttpRequest, owner: str) -> Kept:
    fields = {name: values for name, values in request.POST.lists() if name not in _UNREPEATED}
    shown = {name: values for name, values in fields.items() if not is_secret(name)}
    return Kept(
        owner=owner,
        path=request.path,
        query=request.META.get("QUERY_STRING", ""),
        page=page_of(request) or reverse("home"),
        is_part=bool(request.htmx),  # type: ignore[attr-defined] # set by the middleware
        fields=shown,
        files=[_file(name, file) for name, files in request.FILES.lists() for file in files],
        without_passwords=shown != fields,
    )


def _file(field: str, file: Any) -> list[str]:
    return [field, file.name, file.content_type or "", sealed(file.read())]
