"""Where log lines go: to standard error, where systemd takes them, and those about security to a place of their own."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any, Final

from smmeplus.common.vitals.ids import current_id, request_id

#: The logger of what an auditor asks for.
SECURITY: Final = "smmeplus.security"
SYSLOG: Final = "syslog"
PLAIN: Final = "plain"
JSON: Final = "json"
#: The local socket of syslog, and the facility that it keeps from all but administrators.
_SOCKET: Final = "/dev/log"
_FACILITY: Final = "authpriv"


class JsonLine(logging.Formatter):
    """``{"at": "2027-04-03T23:30:00.000000+00:00", "event": "sign-in", "user": "ada", "address": "10.1.2.3"}``."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds")
        said = {"at": at, "event": record.getMessage(), **getattr(record, "facts", {}), **_of_what()}
        return json.dumps(said, ensure_ascii=False)


class PlainLine(logging.Formatter):
    """``2027-04-03 23:30:00,000 ERROR django.request: Internal Server Error: /api/v1/me/ [4711]``: with the request."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - of logging
        line = super().formatMessage(record)
        return f"{line} [{request_id()}]" if request_id() else line


class JsonLog(logging.Formatter):
    """A line of the log as one JSON object on one line: ``time``, ``level``, ``logger``, ``message``.

    Beside them the ``request_id`` or ``batch_id`` that it belongs to, and the traceback as ``exception``.
    """

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return json.dumps(told | _of_what(), ensure_ascii=False)


def _of_what() -> dict[str, str]:
    of = current_id()
    return {of.kind: of.value} if of else {}


def logging_settings(level: str, security_log: str, log_format: str = PLAIN) -> dict[str, Any]:
    """The LOGGING of Django; ``security_log`` is empty, ``syslog`` or the path of a file, which may be rotated.

    ``log_format`` is that of all other lines.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "plain": {"()": "smmeplus.logs.PlainLine", "fmt": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
            "json": {"()": "smmeplus.logs.JsonLog"},
            "security": {"()": "smmeplus.logs.JsonLine"},
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": log_format},
            "security": _security(security_log) | {"formatter": "security"},
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "axes": {"level": "WARNING"},
            SECURITY: {"handlers": ["security"], "level": "INFO", "propagate": False},
        },
    }


def _security(where: str) -> dict[str, Any]:
    if where == SYSLOG:
        return {"class": "logging.handlers.SysLogHandler", "address": _SOCKET, "facility": _FACILITY}
    if where:
        return {"class": "logging.handlers.WatchedFileHandler", "filename": where, "delay": True}
    return {"class": "logging.StreamHandler"}
