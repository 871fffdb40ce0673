"""Long work that shows how far it is: a page that grows while a thread works.

There is no job table and no second service: the response is streamed, a rule of the stylesheet shows only the last
step, and the end of the page leads on. Closing the page does not stop the work, which is one transaction.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol

from django.core.exceptions import ValidationError
from django.db import connection
from django.http import HttpRequest, StreamingHttpResponse
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

log = logging.getLogger(__name__)

_GAP = "<!-- here the steps come -->"
_STEP_EVERY_S = 0.5


class Progress(Protocol):
    """Is called with how much is ``done`` of ``total``; a total of 0 means that it is not known yet."""

    def __call__(self, done: int, total: int = 0) -> None: ...


def no_progress(done: int, total: int = 0) -> None:
    """Ignores the progress."""


class Ending(NamedTuple):
    """How work ended. The page shows ``sentence`` and a link to ``url``; without a sentence it goes there by itself."""

    url: str
    sentence: str = ""


Work = Callable[[Progress], Ending]


class Problem(str):
    """Why work could not be done, for the user."""


class _Worker(threading.Thread):
    def __init__(self, work: Work) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._language = get_language() or "en"
        self.latest = (0, 0)
        self.ended: queue.SimpleQueue[Ending | Problem] = queue.SimpleQueue()

    def run(self) -> None:
        try:
            with override(self._language):
                self.ended.put(self._work(self._keep))
        except ValidationError as error:
            self.ended.put(Problem(" ".join(error.messages)))
        except Exception:
            log.exception("the work behind a progress page failed")
            self.ended.put(Problem(_("The server could not do this. Nothing was changed.")))
        finally:
            connection.close()

    def _keep(self, done: int, total: int = 0) -> None:
        self.latest = (done, total)


def stream_progress(request: HttpRequest, title: Any, work: Work, *, back_url: str) -> StreamingHttpResponse:
    """Answer with a page that shows the progress of ``work``, and then its ending.

    ``work`` runs in a thread with its own database connection. If it raises ValidationError, the page shows the
    messages and a link to ``back_url``.
    """
    page = render_to_string("progress.html", {"title": title, "gap": _GAP}, request)
    before, _gap, after = page.partition(_GAP)
    return StreamingHttpResponse(
        _pieces(before, after, work, back_url), headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )


def _pieces(before: str, after: str, work: Work, back_url: str) -> Iterator[str]:
    worker = _Worker(work)
    worker.start()
    yield before + " " * 1024  # browsers show nothing until they have received a kilobyte
    shown = (0, 0)
    while True:
        try:
            outcome = worker.ended.get(timeout=_STEP_EVERY_S)
        except queue.Empty:
            if worker.latest != shown:
                shown = worker.latest
                yield _step(*shown)
            continue
        yield _problem(outcome, back_url) if isinstance(outcome, Problem) else _end(outcome)
        yield after
        return


def _step(done: int, total: int) -> str:
    if not total:
        return format_html('<p class="step">{}</p>', _("%(done)d rows so far") % {"done": done})
    words = _("%(done)d of %(total)d") % {"done": done, "total": total}
    return format_html(
        '<p class="step"><progress max="{}" value="{}" aria-label="{}"></progress> {}</p>', total, done, words, words
    )


def _end(ending: Ending) -> str:
    if not ending.sentence:
        return format_html(
            '<p class="step ended"><a class="btn btn-primary" data-go href="{}">{}</a></p>', ending.url, _("Go on")
        )
    return format_html(
        '<div class="step ended"><div class="alert alert-success">{}</div>'
        '<a class="btn btn-primary" href="{}">{}</a></div>',
        ending.sentence,
        ending.url,
        _("Show them"),
    )


def _problem(text: str, back_url: str) -> str:
    return format_html(
        '<div class="step ended"><div class="alert alert-danger" role="alert">{}</div>'
        '<a class="btn btn-outline-secondary" href="{}">{}</a></div>',
        text,
        back_url,
        _("Back"),
    )
