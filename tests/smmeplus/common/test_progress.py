"""A page that grows while work is done."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.test import RequestFactory
from django.utils.translation import gettext, override

from smmeplus.common import progress
from smmeplus.common.progress import Ending, Progress, Work, stream_progress

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_STEP_EVERY_S", 0.01)


def page_of(work: Work) -> list[str]:
    return list(pieces_of(work))


def pieces_of(work: Work) -> Iterator[str]:
    """The page as it grows."""
    request = RequestFactory().get("/somewhere/")
    request.user = AnonymousUser()
    response = stream_progress(request, "Work", work, back_url="/back/")
    for piece in response.streaming_content:  # type: ignore[union-attr]
        yield piece.decode()


def test_each_step_is_a_piece_of_its_own_and_the_end_leads_on() -> None:
    seen = threading.Semaphore(0)

    def work(progress: Progress) -> Ending:
        progress(0, 0)  # nothing to show yet
        for step in ((2_000, 0), (1, 3)):
            progress(*step)
            assert seen.acquire(timeout=10)
        return Ending("/done/")

    growing = pieces_of(work)
    pieces = [next(growing)]
    for piece in growing:
        pieces.append(piece)
        seen.release()
    assert pieces[0].lstrip().startswith("<!doctype html>")
    assert len(pieces[0]) > 1024
    assert any("2000 rows so far" in piece for piece in pieces)
    assert any("<progress max=" in piece and "1 of 3" in piece for piece in pieces)
    assert 'data-go href="/done/"' in pieces[-2]
    assert pieces[-1].rstrip().endswith("</html>")


def test_an_end_with_a_sentence_waits_for_the_reader() -> None:
    end = page_of(lambda _progress: Ending("/done/", "3 <b>things</b>"))[-2]
    assert "3 &lt;b&gt;things&lt;/b&gt;" in end
    assert 'href="/done/"' in end
    assert "data-go" not in end


def test_a_refusal_is_shown_with_the_way_back() -> None:
    def work(_progress: Progress) -> Ending:
        raise ValidationError(["No.", "Not <at> all."])

    end = page_of(work)[-2]
    assert "No. Not &lt;at&gt; all." in end
    assert 'href="/back/"' in end


def test_a_failure_tells_no_details_but_the_log_does(caplog: pytest.LogCaptureFixture) -> None:
    def work(_progress: Progress) -> Ending:
        raise RuntimeError("secret")

    end = page_of(work)[-2]
    assert "secret" not in end
    assert "Nothing was changed" in end
    assert "secret" in caplog.text


def test_the_work_speaks_the_users_language() -> None:
    with override("es"):
        end = page_of(lambda _progress: Ending("/done/", gettext("Monday")))[-2]
    assert "lunes" in end
