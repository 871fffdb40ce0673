"""The variables of the environment. What is wrong with them is kept and told at once, by a system check.

So an operator mends all of it after one try, and no traceback shows a password.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from io import StringIO
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import environ
from django.core.exceptions import ImproperlyConfigured

from smmeplus.variables import Kind, WrongValueError

_NAMES: Final = (  # a new one goes to the end: the place of each is in the id of its check
    *("ENV_FILE", "SECRET_KEY", "DATABASE_URL", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "HTTPS", "HSTS_SECONDS"),
    *("CONN_MAX_AGE", "LOG_LEVEL", "STATIC_ROOT", "STATIC_FROM_PACKAGES", "DEBUG", "LISTENER_PROXIES", "PROXIES"),
    *("API_REQUESTS_PER_USER", "API_REFUSALS_PER_ADDRESS", "SITE_URL", "EMAIL_URL", "DEFAULT_FROM_EMAIL"),
    *("LISTENER_RATE_PER_SERIAL", "LISTENER_BURST_PER_SERIAL", "LISTENER_RATE_PER_ADDRESS", "LISTENER_NETWORKS"),
    *("WRITER_NETWORKS", "CONFIGURATION_KEYS", "LISTENER_PORT", "UPLOAD_MAX_MB"),
    *("NOTIFY_NETWORKS", "SECURITY_LOG", "SYSTEM_TITLE", "LISTENER_TLS_PORT", "LISTENER_TLS_CERTIFICATE"),
    *("LISTENER_TLS_KEY", "LISTENER_TLS_CLIENT_CA", "LISTENER_TLS_CLIENT", "SECOND_FACTOR"),
    *("SESSION_IDLE_MINUTES", "OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_ROLES"),
    *("OIDC_COMPANIES", "OIDC_GROUPS", "OIDC_AMR", "SECRET_KEY_FALLBACKS", "DEMO", "HSTS_SUBDOMAINS"),
    *("HSTS_PRELOAD", "METRICS_NETWORKS", "LOG_FORMAT"),
)
#: Every variable, and the id of the system check that refuses its value.
IDS: Final = {name: f"smmeplus.E{number:03}" for number, name in enumerate(_NAMES, 1)}
_LINE: Final = re.compile(r"(export )?[A-Za-z_0-9]+=.*|\s*(#.*)?")
_RIGHT_FILE: Final = (
    "It must name readable files, with a : between two, that have a NAME=value, a # comment or nothing on each line."
)
Value = TypeVar("Value")


class Problem(NamedTuple):
    """What is wrong with a variable, without secrets, and what would be right."""

    id: str
    seen: str
    right: str

    def __str__(self) -> str:
        return f"({self.id}) {self.seen} {self.right}"


class Environment:
    """Reads variables from ``values`` and keeps what is wrong with them in ``problems``."""

    def __init__(self, values: MutableMapping[str, str]) -> None:
        self.problems: list[Problem] = []
        self._values = values
        self._env = type("Env", (environ.Env,), {"ENVIRON": values})()  # where django-environ looks, and adds a file's

    def read_file(self, default: Path) -> None:
        """Add the variables of the files that ENV_FILE names, or of ``default`` if it exists; those set before stay.

        Of two files the first one counts where both have a variable: what one process alone may know comes before
        what all have in common.
        """
        named = [Path(name) for name in self._values.get("ENV_FILE", "").split(":") if name]
        for file in named or [default][: default.exists()]:
            self._read_one(file)

    def _read_one(self, file: Path) -> None:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no text in UTF-8"
            self._complain("ENV_FILE", f"ENV_FILE: {file} cannot be read: {reason}", _RIGHT_FILE)
            return
        self._add(file, lines)

    def read(self, name: str, kind: Kind[Value], default: Value) -> Value:
        """``default`` where the variable is not set or wrong."""
        if not self._is_set(name, kind):
            return default
        try:
            return kind.parse(self._text(name))
        except WrongValueError as error:
            self._complain(name, f"{name} {error}", kind.right)
            return default

    def parsed(self, name: str, kind: Kind[Value], text: str, *, instead: Value) -> Value:
        """What ``kind`` makes of ``text`` where the variable is not set; ``instead`` where it is wrong."""
        return self.read(name, kind, instead) if self._is_set(name, kind) else kind.parse(text)

    def required(self, name: str, kind: Kind[Value], *, instead: Value) -> Value:
        if not self._is_set(name, kind):
            self._complain(name, f"{name} is not set", kind.right)
        return self.read(name, kind, instead)

    def _is_set(self, name: str, kind: Kind[Value]) -> bool:
        return name in self._values and (kind.takes_empty or bool(self._values[name]))

    def _text(self, name: str) -> str:
        """The value; one that begins with $ is that of another variable, as django-environ has it."""
        try:
            return str(self._env.str(name))
        except (ImproperlyConfigured, RecursionError):
            raise WrongValueError("begins with $, which stands for another variable, and there is none") from None

    def _add(self, file: Path, lines: list[str]) -> None:
        # django-environ would log a wrong line as it is, with the password in it.
        wrong = [str(number) for number, line in enumerate(lines, 1) if not _LINE.fullmatch(line)]
        if wrong:
            self._complain("ENV_FILE", f"ENV_FILE: {file} is wrong in line {', '.join(wrong)}", _RIGHT_FILE)
        self._env.read_env(StringIO("\n".join(line for line in lines if _LINE.fullmatch(line) and "=" in line)))

    def _complain(self, name: str, seen: str, right: str) -> None:
        self.problems.append(Problem(IDS[name], f"{seen}.", right))
