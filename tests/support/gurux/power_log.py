"""A log of power failures read by gurux_dlms: ``HOST PORT FROM TO``, times by UTC in ISO 8601."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Any

from gurux_dlms import GXReplyData
from gurux_dlms.objects import GXDLMSProfileGeneric

from tests.support.gurux.client import Concentrator

_LOG = "1.0.99.97.0.255"
_BUFFER, _COLUMNS, _IN_USE = 2, 3, 7


class LogReader(Concentrator):
    def columns(self, log: Any) -> list[str]:
        """What the columns are; the log knows them from then on."""
        self._read(log, _COLUMNS)
        return [f"{one.logicalName} {place.attributeIndex}" for one, place in log.captureObjects]

    def entries(self, log: Any) -> list[tuple[str, int]]:
        self._read(log, _BUFFER)
        return _shown(log)

    def entries_between(self, log: Any, begin: datetime, end: datetime) -> list[tuple[str, int]]:
        reply = GXReplyData()
        self._ask(self._client.readRowsByRange(log, begin, end), reply)
        self._client.updateValue(log, _BUFFER, reply.value)
        return _shown(log)

    def in_use(self, log: Any) -> int:
        return int(self._read(log, _IN_USE))


def _shown(log: Any) -> list[tuple[str, int]]:
    return [(clock.value.isoformat(), int(duration)) for clock, duration in log.buffer]


def main() -> None:
    host, port, begin, end = sys.argv[1:]
    reader, log = LogReader(host, int(port)), GXDLMSProfileGeneric(_LOG)
    found = [reader.columns(log), reader.in_use(log), reader.entries(log)]
    found.append(reader.entries_between(log, datetime.fromisoformat(begin), datetime.fromisoformat(end)))
    reader.release()
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
