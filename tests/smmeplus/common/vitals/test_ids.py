"""Lines of the log as JSON, and the one id that those of a request or a batch have in common (OPS-2)."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from smmeplus.common.vitals.ids import HEADER, Id, RequestIdMiddleware, begin_batch, current_id
from smmeplus.common.vitals.passes import Passes
from smmeplus.logs import JsonLog, logging_settings
from wakeup.listener.writers.worker import Worker

pytestmark = pytest.mark.one_database


class Lines(logging.Handler):
    """What would be written."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLog())
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(self.format(record))

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(text) for text in self.texts]


@pytest.fixture
def log() -> logging.Logger:
    made = logging.Logger("smmeplus.some")
    made.lines = Lines()  # type: ignore[attr-defined]
    made.addHandler(made.lines)  # type: ignore[attr-defined]
    return made


def lines(log: logging.Logger) -> Lines:
    (handler,) = log.handlers
    assert isinstance(handler, Lines)
    return handler


def answer(log: logging.Logger, **headers: str) -> HttpResponse:
    """Of a request that writes two lines."""

    def view(_request: HttpRequest) -> HttpResponse:
        log.info("one")
        log.info("two")
        return HttpResponse()

    made = RequestIdMiddleware(view)(RequestFactory(headers=headers).get("/"))
    assert isinstance(made, HttpResponse)
    return made


def test_a_line_is_one_object_on_one_line(log: logging.Logger) -> None:
    log.warning('%d messages of “Ñuñoa”\nand "more"', 3)
    (text,) = lines(log).texts
    assert "\n" not in text
    told = json.loads(text)
    assert told.pop("time").endswith("+00:00")
    assert told == {"level": "WARNING", "logger": "smmeplus.some", "message": '3 messages of “Ñuñoa”\nand "more"'}


def test_an_error_brings_its_traceback(log: logging.Logger) -> None:
    try:
        _ = 1 / 0
    except ZeroDivisionError:
        log.exception("what now")
    (text,) = lines(log).texts
    assert "\n" not in text
    assert "ZeroDivisionError: division by zero" in json.loads(text)["exception"]


def test_what_is_no_json_is_written_all_the_same(log: logging.Logger) -> None:
    log.info("%s", object())
    log.info("%s", "\ud800")
    assert [one["level"] for one in lines(log).told] == ["INFO", "INFO"]


def test_lines_of_one_request_have_one_id_and_the_answer_tells_it(log: logging.Logger) -> None:
    first, second = answer(log), answer(log)
    ids = [one["request_id"] for one in lines(log).told]
    assert ids == [first[HEADER], first[HEADER], second[HEADER], second[HEADER]]
    assert len(set(ids)) == 2


@pytest.mark.django_db
def test_every_answer_of_the_web_names_its_id() -> None:
    first, second = (Client().get("/healthz") for _ in range(2))
    assert first[HEADER] != second[HEADER]


def test_each_pass_of_a_service_is_a_batch_of_its_own(log: logging.Logger) -> None:
    def work() -> None:
        passes = Passes("smmeplus_some", 60)
        for _ in range(2):
            with passes.one():
                log.info("one")
                log.info("two")

    in_thread(work)
    ids = [one["batch_id"] for one in lines(log).told]
    assert (ids[0], ids[2]) == (ids[1], ids[3])
    assert ids[0] != ids[2]


def test_a_listeners_batch_has_one_id_in_its_thread_and_in_its_event_loop(log: logging.Logger) -> None:
    async def work() -> None:
        worker = Worker("some", lambda: 0.0)
        for _ in range(2):
            await worker.do(lambda: log.info("in the thread"))
            log.info("in the loop")
        worker.stop()

    asyncio.run(work())
    ids = [one["batch_id"] for one in lines(log).told]
    assert (ids[0], ids[2]) == (ids[1], ids[3])
    assert ids[0] != ids[2]


def test_what_is_done_in_another_thread_is_another_thing() -> None:
    seen: list[Id | None] = []
    in_thread(begin_batch)
    in_thread(lambda: seen.append(current_id()))
    assert seen == [None]


def in_thread(work: Any) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join(20)


@pytest.mark.parametrize(("log_format", "formatter"), [("plain", "plain"), ("json", "json")])
def test_the_format_is_chosen_and_the_security_log_keeps_its_own(log_format: str, formatter: str) -> None:
    handlers = logging_settings("INFO", "", log_format)["handlers"]
    assert (handlers["console"]["formatter"], handlers["security"]["formatter"]) == (formatter, "security")
