"""Records what devices send by themselves while their configuration is written (CFG-2, WIR-1…10)."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import DataError, IntegrityError

from concentrators.configuration.between import Heard
from wakeup.listener.connections.pieces import NEXT, Refusal, arrival_of
from wakeup.listener.connections.reader import Reader
from wakeup.listener.keys.cache import KeyCache, Wanted
from wakeup.listener.keys.looking_up import find_devices
from wakeup.models.strays import Stray
from wakeup.recording.arrivals import Arrival
from wakeup.recording.recorder import record

log = logging.getLogger(__name__)


def record_heard(heard: Sequence[Heard]) -> None:
    """Store and count the messages of each conversation as if they had come to a listener, but nobody answers them.

    Raises Django's database errors if the database is away. What it refuses for its content is lost, and logged.
    """
    for one in heard:
        read = list(_read(one))
        arrivals = [item for item in read if isinstance(item, Arrival)]
        strays = [item for item in read if isinstance(item, Stray)]
        try:
            record(arrivals, strays)
        except (DataError, IntegrityError):
            log.exception("%d messages of %s could not be stored", len(read), one.host)


def _read(heard: Heard) -> Iterator[Arrival | Stray]:
    """One reader for all of it, so that a login tells whose the messages behind it are."""
    keys, last = KeyCache(), datetime.min.replace(tzinfo=heard.frames[0][0].tzinfo)
    reader = Reader(heard.host, awaits_header=False, keys=keys)
    for at, frame in heard.frames:
        reader.feed(frame)
        while (piece := reader.read_frame()) is not None:
            if isinstance(piece, Wanted):
                keys.keep(find_devices([piece]))
                continue
            last = max(at, last + NEXT)  # two messages with one time of receipt would be taken for one
            if isinstance(piece, Refusal):
                yield piece.as_stray(last, heard.host)
            else:
                yield arrival_of(*piece, last, heard.host, heard.port)
