"""The listener beside Zabbix on the same cluster, in turn: a connection each, and as many durable messages as they can.

A message is a value of Zabbix. With a connection each it is answered from memory. In bundles of 250 what counts is how
many are stored, so the time ends when all that were sent are in its history.
"""

from __future__ import annotations

import random
import sys
from time import perf_counter, sleep

import psycopg

from tests.bench.context import Context
from tests.bench.figures import Result, Target, compared
from tests.bench.per1 import AT_ONCE, SECONDS
from tests.bench.per2 import CONNECTIONS, IN_FLIGHT
from tests.bench.sender import Load, many_in_flight, one_connection_each
from tests.bench.senders import Senders
from tests.bench.servers import Server
from tests.bench.zabbix.frames import each_processed, frame_of
from tests.bench.zabbix.server import NoZabbixError, zabbix

BUNDLE, BUNDLES_AT_ONCE = 250, 10
DRAIN_S = 120


def measure(context: Context) -> list[Result]:
    if not context.is_postgres:
        return []
    hosts = [serial for _pk, serial in context.fleet]
    try:
        server, database = context.stack.enter_context(zabbix(context.place.url, context.place.directory, hosts))
    except NoZabbixError as error:
        sys.stderr.write(f"  no Zabbix to compare with: {error}\n")
        return []
    lone = Senders(Load(tuple(frame_of([host]) for host in hosts), b""), context.stack)
    bundles = Senders(Load(tuple(frame_of(random.sample(hosts, BUNDLE)) for _ in range(400)), b""), context.stack)
    lone_pairs, bundle_pairs = list[tuple[float, float]](), list[tuple[float, float]]()
    for _ in range(context.rounds):
        ours = context.against(context.listener, one_connection_each, SECONDS, AT_ONCE)
        lone_pairs.append((ours.outcome.rate, _lone(lone, server, database)))
        ours = context.against(context.listener, many_in_flight, SECONDS, CONNECTIONS, IN_FLIGHT, is_mixed=True)
        bundle_pairs.append((ours.outcome.rate, _durable(bundles, server, database)))
    each = compared(
        "PER-1", f"one connection per message, {AT_ONCE} at once", "messages/s",
        *_apart(lone_pairs, "Zabbix, which answers before it stores"), Target("≥", 0.66),
    )  # fmt: skip
    durable = compared(
        "PER-2", f"{CONNECTIONS} connections with {IN_FLIGHT} in flight", "messages/s",
        *_apart(bundle_pairs, f"Zabbix, bundles of {BUNDLE}, until they are stored"), Target("≥", 0.65),
    )  # fmt: skip
    return [each, durable]


def _apart(pairs: list[tuple[float, float]], name: str) -> tuple[list[float], str, list[float]]:
    ours, theirs = (list(side) for side in zip(*pairs, strict=True))
    return ours, name, theirs


def _lone(senders: Senders, server: Server, database: psycopg.Connection) -> float:
    before = _stored(database)
    outcome = senders.send(1, each_processed, server.port, SECONDS, AT_ONCE)
    _await(database, before + outcome.answered)
    return outcome.rate


def _durable(senders: Senders, server: Server, database: psycopg.Connection) -> float:
    before, began = _stored(database), perf_counter()
    sent = BUNDLE * senders.send(1, each_processed, server.port, SECONDS, BUNDLES_AT_ONCE).answered
    _await(database, before + sent)
    return sent / (perf_counter() - began)


def _stored(database: psycopg.Connection) -> int:
    row = database.execute("SELECT count(*) FROM history_uint").fetchone()
    return int(row[0]) if row else 0


def _await(database: psycopg.Connection, count: int) -> None:
    ends = perf_counter() + DRAIN_S
    while _stored(database) < count:
        if perf_counter() > ends:
            raise AssertionError(f"{count} values were taken, and {_stored(database)} of them stored")
        sleep(0.02)
