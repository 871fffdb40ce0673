"""The listener's numbers and its health over a real socket (LIS-7, OPS-2)."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import socket
import tomllib
from collections import Counter
from collections.abc import Callable, Coroutine
from http import HTTPStatus

import pytest
from django.conf import settings
from django.db import OperationalError
from prometheus_client.parser import text_string_to_metric_families

from smmeplus.common.vitals import http as module
from smmeplus.common.vitals.http import Endpoint, Page
from smmeplus.dlms.kinds import Kind
from tests.wakeup.listener.writers.intakes import Clock, Store, frame, make_intake, run, until
from wakeup.listener.metrics import CUT_OFF, Levels, Metrics
from wakeup.listener.vitals.exposition import make_exposition
from wakeup.listener.vitals.health import SEEN_LATELY_S, Health
from wakeup.models import Format, StrayReason
from wakeup.models.listeners import WaitsFor
from wakeup.recording.arrivals import Recorded

LEVELS = Levels(queue=3, datagrams=2, connections=7, is_away=True, uptime_s=12.5, waits_for=WaitsFor.STANDBY)
PAGE = Page(HTTPStatus.OK, "text/plain", b"all is well")
Ask = Callable[[bytes], Coroutine[object, object, bytes]]


def asked(*requests: bytes) -> list[bytes]:
    """The whole answers of an endpoint to ``requests``, each on a connection of its own."""
    answers: list[bytes] = []

    async def work() -> None:
        server = await asyncio.get_running_loop().create_server(Endpoint({"/page": lambda: PAGE}), "127.0.0.1", 0)
        for request in requests:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            writer.write(request)
            answers.append(await reader.read())
            writer.close()
        server.close()

    run(work())
    return answers


def test_a_page_is_answered_and_the_connection_closed() -> None:
    (answer,) = asked(b"GET /page HTTP/1.1\r\nHost: x\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split(b"\r\n")[0] == b"HTTP/1.1 200 OK"
    assert {b"Content-Type: text/plain", b"Content-Length: 11", b"Connection: close"} <= set(head.split(b"\r\n"))
    assert body == b"all is well"


@pytest.mark.parametrize(
    ("header", "is_compressed"),
    [
        (b"Accept-Encoding: gzip", True),
        (b"accept-encoding:deflate, GZIP;q=0.5", True),
        (b"Accept-Encoding: gzip;q=0", False),
        (b"Accept-Encoding: gzip; q=0.00", False),
        (b"Accept-Encoding: gzipped", False),
        (b"Accept-Encoding:", False),
        (b"X-Accept-Encoding: gzip", False),
        (b"gzip", False),
    ],
)
def test_a_long_page_is_compressed_for_who_takes_that(header: bytes, is_compressed: bool) -> None:
    page = Page(HTTPStatus.OK, "text/plain", b"number 1\n" * 1_000)
    endpoint = Endpoint({"/page": lambda: page, "/short": lambda: PAGE})
    head, _, body = endpoint.answer(b"GET /page HTTP/1.1\r\n" + header + b"\r\n\r\n").partition(b"\r\n\r\n")
    assert (b"Content-Encoding: gzip" in head) == is_compressed
    assert (gzip.decompress(body) if is_compressed else body) == page.body
    assert b"Content-Length: %d\r\n" % len(body) in head
    short = endpoint.answer(b"GET /short HTTP/1.1\r\n" + header + b"\r\n\r\n")
    assert short.endswith(PAGE.body)


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /page?format=x HTTP/1.0\r\n\r\n", 200),
        (b"HEAD /page HTTP/1.1\r\n\r\n", 200),
        (b"GET /nothing HTTP/1.1\r\n\r\n", 404),
        (b"GET /../page HTTP/1.1\r\n\r\n", 404),
        (b"POST /page HTTP/1.1\r\n\r\n", 405),
        (b"GET /page\r\n\r\n", 400),
        (b"\xff\xfe\x00\r\n\r\n", 400),
        (b"\r\n\r\n", 400),
        (b"x" * (module.MAX_REQUEST + 1), 431),
    ],
)
def test_every_request_gets_its_status(request_: bytes, status: int) -> None:
    (answer,) = asked(request_)
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert answer.endswith(b"\r\n\r\n") == request_.startswith(b"HEAD")


def test_a_request_in_single_bytes_is_one() -> None:
    exchange, written = make_exchange()
    for byte in b"GET /page HTTP/1.1\r\n\r\n":
        exchange.data_received(bytes([byte]))
    exchange.data_received(b"GET /page HTTP/1.1\r\n\r\n")
    assert len(written) == 1


def make_exchange() -> tuple[module.Exchange, list[bytes]]:
    class Transport(asyncio.Transport):
        closed = False

        def write(self, data: object) -> None:
            assert isinstance(data, bytes)
            written.append(data)

        def close(self) -> None:
            self.closed = True

        def is_closing(self) -> bool:
            return self.closed

    written: list[bytes] = []
    exchange = module.Exchange(Endpoint({"/page": lambda: PAGE}))
    exchange._transport = Transport()
    return exchange, written


def test_who_takes_too_long_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REQUEST_S", 0.01)
    assert asked(b"GET /page HTTP/1.1\r\n") == [b""]


def test_more_than_a_few_at_once_are_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_OPEN", 2)

    async def work() -> None:
        endpoint = Endpoint({})
        server = await asyncio.get_running_loop().create_server(endpoint, "127.0.0.1", 0)
        address = server.sockets[0].getsockname()
        open_ = [await asyncio.open_connection(*address) for _ in range(2)]
        await until(lambda: len(endpoint.open) == 2)
        with socket.create_connection(address) as third:
            third.setblocking(False)
            assert await asyncio.get_running_loop().sock_recv(third, 1) == b""
        for _reader, writer in open_:
            writer.close()
        await until(lambda: not endpoint.open)
        server.close()

    run(work())


def samples(metrics: Metrics) -> dict[tuple[str, frozenset[str]], float]:
    """What Prometheus reads of the page: values by name and labels."""
    text = make_exposition(metrics, lambda: LEVELS)().body.decode()
    return {
        (sample.name.removeprefix("smmeplus_listener_"), frozenset(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_prometheus_reads_every_number_of_the_page() -> None:
    metrics = Metrics()
    metrics.count(
        Recorded(
            Counter({(Kind.LASTGASP, Format.TELEGRAM): 10, (Kind.BOOT, Format.PUSH): 20}),
            Counter({StrayReason.UNKNOWN: 30}),
        )
    )
    metrics.failed.inc(4)
    metrics.dropped_datagrams.inc(5)
    metrics.connections.inc(6)
    metrics.cut_off.labels("not reading").inc(40)
    for size in (1, 2, 7_000):
        metrics.batch_sizes.observe(size)
    version = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text())["project"]["version"]
    read = samples(metrics)
    wanted = {
        ("messages_total", frozenset({"lastgasp", "telegram"})): 10,
        ("messages_total", frozenset({"boot", "push"})): 20,
        ("stray_frames_total", frozenset({"unknown"})): 30,
        ("connections_cut_off_total", frozenset({"not reading"})): 40,
        ("connections_total", frozenset[str]()): 6,
        ("failed_frames_total", frozenset[str]()): 4,
        ("dropped_datagrams_total", frozenset[str]()): 5,
        ("connections_open", frozenset[str]()): 7,
        ("queue_frames", frozenset[str]()): 3,
        ("queue_datagrams", frozenset[str]()): 2,
        ("database_away", frozenset[str]()): 1,
        ("waits_for_standby", frozenset[str]()): 1,
        ("uptime_seconds", frozenset[str]()): 12.5,
        ("build_info", frozenset({version})): 1,
        ("batch_size_bucket", frozenset({"1.0"})): 1,
        ("batch_size_bucket", frozenset({"2.0"})): 2,
        ("batch_size_bucket", frozenset({"5000.0"})): 2,
        ("batch_size_bucket", frozenset({"+Inf"})): 3,
        ("batch_size_count", frozenset[str]()): 3,
        ("batch_size_sum", frozenset[str]()): 7_003,
        ("commit_seconds_count", frozenset[str]()): 0,
        ("answer_seconds_count", frozenset[str]()): 0,
    }
    assert wanted.items() <= read.items(), read
    assert not [name for name, _labels in read if name.endswith("_created")]


def test_every_label_is_there_before_its_first_event() -> None:
    """Or a rate of nothing is no number, an alarm on it never fires, and the first event of each label is missed."""
    read = samples(Metrics())
    counted = {(name, labels): value for (name, labels), value in read.items() if name.endswith("_total") and labels}
    assert set(counted.values()) == {0}
    by_name = Counter(name for name, _labels in counted)
    kinds_and_formats = len(Kind) * len(set(Format) - {Format.IMPORT})
    assert by_name == {
        "messages_total": kinds_and_formats,
        "stray_frames_total": len(StrayReason),
        "connections_cut_off_total": len(CUT_OFF),
        "tls_handshakes_total": 2,
    }


def test_every_reason_to_cut_off_that_the_listener_gives_is_one_of_those() -> None:
    code = "".join(path.read_text() for path in (settings.BASE_DIR / "wakeup" / "listener").rglob("*.py"))
    assert set(re.findall(r"cut_off\(\"([^\"]+)\"\)", code)) == set(CUT_OFF)


def test_the_process_tells_what_it_holds() -> None:
    read = {name: value for (name, labels), value in samples(Metrics()).items() if not labels}
    assert 0 < read["process_open_fds"] <= read["process_max_fds"]
    assert read["process_resident_memory_bytes"] > 2**20
    assert {"process_start_time_seconds", "process_cpu_seconds_total"} <= read.keys()


def problems(*, is_stopping: bool = False, error: Exception | None = None, silent_s: float = 0) -> list[str]:
    """Why a listener is not ready before its database has taken anything, and afterwards."""
    found: list[str] = []

    async def work() -> None:
        store, clock = Store(), Clock()
        intake = make_intake(store, clock=clock)
        health = Health(intake, clock)
        found.append(health.problem)
        intake.put(frame())
        assert await intake.finish(20)
        store.away = error
        if error:
            intake.put(frame())
            await until(lambda: clock.now >= 1_010)
        clock.now += silent_s
        health.is_stopping = is_stopping
        found.append(health.problem)
        assert (health.page().status == HTTPStatus.OK) == (not health.problem)
        said = json.loads(health.page().body)
        assert (said["live"], said["ready"], said.get("reason", "")) == (True, not health.problem, health.problem)
        await intake.stop()

    run(work())
    return found


def test_it_is_ready_once_its_database_has_taken_a_write_and_as_long_as_that_is_not_long_ago() -> None:
    assert problems() == ["the database has taken no write lately", ""]
    assert problems(silent_s=SEEN_LATELY_S)[1] == ""
    assert problems(silent_s=SEEN_LATELY_S + 1)[1] == "the database has taken no write lately"


def test_it_says_for_how_long_the_database_has_been_away_and_why() -> None:
    (_, said) = problems(error=OperationalError("connection refused\nIs the server running?"))
    found = re.fullmatch(r"the database has been away for (\d+) s: connection refused", said)
    assert found
    assert int(found[1]) >= 10


def test_while_it_stops_it_is_not_ready() -> None:
    assert problems(is_stopping=True)[1] == "the listener is stopping"


@pytest.mark.parametrize("warning", ["", "the TLS certificate ends on 2026-12-31"])
def test_a_warning_does_not_make_it_unready(warning: str) -> None:
    async def work() -> None:
        intake = make_intake(Store())
        intake.put(frame())
        assert await intake.finish(20)
        page = Health(intake, intake._clock, lambda: warning).page()
        assert page.status == HTTPStatus.OK
        said = json.loads(page.body)
        assert said == {"live": True, "ready": True} | ({"warning": warning} if warning else {})
        await intake.stop()

    run(work())
