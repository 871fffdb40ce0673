"""Where log lines go: to standard error, where systemd takes them, and those about security to a place of their own."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any, Final

#: The logger of what an auditor asks for.
SECURITY: Final = "smmeplus.security"
SYSLOG: Final = "syslog"
#: The local socket of syslog, and the facility that it keeps from all but administrators.
_SOCKET: Final = "/dev/log"
_FACILITY: Final = "authpriv"


class JsonLine(logging.Formatter):
    """``{"at": "2027-04-03T23:30:00.000000+00:00", "event": "sign-in", "user": "ada", "address": "10.1.2.3"}``."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds")
        return json.dumps({"at": at, "event": record.getMessage(), **getattr(record, "facts", {})}, ensure_ascii=False)


def logging_settings(level: str, security_log: str) -> dict[str, Any]:
    """The LOGGING of Django; ``security_log`` is empty, ``syslog`` or the path of a file, which may be rotated."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
            "security": {"()": "smmeplus.logs.JsonLine"},
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "plain"},
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
