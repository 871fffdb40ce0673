"""The kinds of values that a variable of the environment may have, and the sentence that says what is right.

A parser raises WrongValueError, whose text goes on after the variable's name: ``is “x”``. Where a value may hold a
password the text shows at most how it begins.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Final, Generic, TypeVar
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from environ import Env

from smmeplus.common.networks import MAX_PORT, NetworkError, parse_port, read_networks
from smmeplus.logs import SYSLOG

Value = TypeVar("Value")
POSTGRESQL: Final = "django.db.backends.postgresql"
SQLITE: Final = "django.db.backends.sqlite3"
NO_DATABASE: Final[dict[str, Any]] = {"ENGINE": "django.db.backends.dummy"}
_SHORTEST: Final = 50  # characters, as Django's security.W009 has it; as a hexadecimal number that is 200 bits
_FEWEST: Final = 10  # different ones: a random text of hexadecimal digits has more
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_RATE: Final = re.compile(r"[0-9]+/(s|sec|second|m|min|minute|h|hour|d|day)")


class WrongValueError(ValueError):
    pass


@dataclass(frozen=True)
class Kind(Generic[Value]):
    parse: Callable[[str], Value]
    right: str
    takes_empty: bool = False  # otherwise a variable that is set and empty counts as not set


def _switch(text: str) -> bool:
    word = text.strip().lower()
    if word in ("true", "on", "ok", "y", "yes", "1"):
        return True
    if word in ("false", "off", "n", "no", "0"):
        return False
    raise WrongValueError(f"is “{text}”")


def _log(text: str) -> str:
    path = Path(text.strip())
    if text.strip() != SYSLOG and not (path.is_absolute() and path.parent.is_dir() and not path.is_dir()):
        raise WrongValueError(f"is “{text}”")
    return text.strip()


def _clients(text: str) -> bool:
    """Whether they must show a certificate."""
    word = text.strip().lower()
    if word not in ("required", "optional"):
        raise WrongValueError(f"is “{text}”")
    return word == "required"


def _number(text: str) -> int:
    if not re.fullmatch(r"\s*[0-9]+\s*", text, re.ASCII):
        raise WrongValueError(f"is “{text}”")
    return int(text)


def _port(text: str) -> int:
    try:
        return parse_port(text.strip())
    except ValueError:
        raise WrongValueError(f"is “{text}”") from None


def _words(text: str) -> list[str]:
    return [word for word in map(str.strip, text.split(",")) if word]


def _hosts(text: str) -> list[str]:
    hosts = _words(text)
    if not hosts:
        raise WrongValueError("is empty, so the web would refuse every request")
    if wrong := [host for host in hosts if "/" in host]:
        raise WrongValueError(f"contains “{wrong[0]}”")
    return hosts


def _origins(text: str) -> list[str]:
    origins = _words(text)
    if wrong := [origin for origin in origins if not origin.startswith(("http://", "https://"))]:
        raise WrongValueError(f"contains “{wrong[0]}”")
    return origins


def _second_factor(text: str) -> str:
    whose = text.strip().lower()
    if whose not in ("none", "staff", "all"):
        raise WrongValueError(f"is “{text}”")
    return whose


def _issuer(text: str) -> str:
    site = urlsplit(_site(text))
    if site.scheme != "https" and site.hostname not in ("127.0.0.1", "localhost"):
        raise WrongValueError(f"is “{text}”")
    return text


def _pairs(text: str) -> dict[str, str]:
    pairs = {}
    for word in _words(text):
        before, _, after = (part.strip() for part in word.rpartition(":"))
        if not before or not after:
            raise WrongValueError(f"contains “{word}”")
        pairs[before] = after
    return pairs


def _roles(text: str) -> dict[str, str]:
    roles = {group: role.capitalize() for group, role in _pairs(text).items()}
    if wrong := [role for role in roles.values() if role not in ("Viewer", "Operator", "Administrator")]:
        raise WrongValueError(f"contains the role “{wrong[0]}”")
    return roles


def _networks(text: str) -> list[str]:
    words = _words(text)
    try:
        read_networks(words)
    except NetworkError as error:
        raise WrongValueError(f"contains “{error}”") from None
    return words


def _rate(text: str) -> str:
    if not _RATE.fullmatch(text):
        raise WrongValueError(f"is “{text}”")
    return text


def _level(text: str) -> str:
    level = text.strip().upper()
    if level not in logging.getLevelNamesMapping():
        raise WrongValueError(f"is “{text}”")
    return level


def _log_format(text: str) -> str:
    if text not in ("plain", "json"):
        raise WrongValueError(f"is “{text}”")
    return text


def _site(text: str) -> str:
    try:
        site = urlsplit(text)
    except ValueError:
        raise WrongValueError("is no address") from None
    if site.scheme not in ("http", "https") or not site.hostname:
        raise WrongValueError(f"is “{text}”")
    return text


def _sender(text: str) -> str:
    if "@" not in parseaddr(text)[1]:
        raise WrongValueError(f"is “{text}”")
    return text


def _key(text: str) -> str:
    if len(text) < _SHORTEST:
        raise WrongValueError(f"has {len(text)} characters, so it could be guessed")
    if len(set(text)) < _FEWEST:
        raise WrongValueError(f"has {len(set(text))} different characters, so it could be guessed")
    return text


def _keys(text: str) -> list[str]:
    for place, key in enumerate(keys := _words(text), 1):
        try:
            _key(key)
        except WrongValueError as error:
            raise WrongValueError(f"has a key in place {place} that {error}") from None
    return keys


def _fernet_keys(text: str) -> list[str]:
    keys = _words(text)
    for place, key in enumerate(keys, 1):
        try:
            Fernet(key)
        except ValueError:
            raise WrongValueError(f"has no key in place {place}") from None
    return keys


def _title(text: str) -> bytes:
    if not re.fullmatch(r"[0-9A-Fa-f]{16}", text.strip(), re.ASCII):
        raise WrongValueError(f"is “{text}”")
    return bytes.fromhex(text.strip())


def _database(text: str) -> dict[str, Any]:
    """Django's description of it."""
    try:
        with warnings.catch_warnings(action="error"):  # of a host for SQLite, as in sqlite://var/x, which is ignored
            config: dict[str, Any] = Env.db_url_config(text)
    except (ValueError, UserWarning):
        raise WrongValueError(f"{_beginning(text)}, and the rest cannot be read") from None
    if config["ENGINE"] not in (POSTGRESQL, SQLITE):
        raise WrongValueError(_beginning(text))
    if config["ENGINE"] == POSTGRESQL and not config["NAME"] and "service" not in config.get("OPTIONS", {}):
        raise WrongValueError("names no database")
    return config


def _email(text: str) -> dict[str, Any]:
    """Django's settings for it."""
    try:
        config: dict[str, Any] = Env.email_url_config(text)
    except ImproperlyConfigured:
        raise WrongValueError(_beginning(text)) from None
    except ValueError:
        raise WrongValueError(f"{_beginning(text)}, and the rest cannot be read") from None
    return config


def _beginning(text: str) -> str:
    """What of an address may be shown: a password may stand anywhere after its scheme."""
    scheme = _SCHEME.match(text)
    return f"begins with “{scheme.group()}”" if scheme else "begins with no scheme such as postgres:// or smtp://"


_PARTS: Final = "Special characters of a password are written as %40, and ports go from 1 to 65535."
CLIENTS: Final = Kind(_clients, "It must be required or optional.")
TEXT: Final = Kind(str, "")
PATH: Final = Kind(Path, "")
SWITCH: Final = Kind(_switch, "It must be true or false.")
NUMBER: Final = Kind(_number, "It must be a whole number, 0 or more.")
PORT: Final = Kind(_port, f"It must be a port, from 1 to {MAX_PORT}.")
HOSTS: Final = Kind(
    _hosts, "It must list the names that browsers use, such as smmeplus.example,10.0.0.7.", takes_empty=True
)
ORIGINS: Final = Kind(
    _origins, "It must list origins with their scheme, such as https://smmeplus.example.", takes_empty=True
)
NETWORKS: Final = Kind(
    _networks, "It must list addresses and networks, such as 10.0.0.0/8,192.0.2.7.", takes_empty=True
)
ISSUER: Final = Kind(_issuer, "It must be the address of the directory's issuer, with https://.")
WORDS: Final = Kind(_words, "")
PAIRS: Final = Kind(_pairs, "It must list groups with what they give, such as grid-chile:Chile,grid-peru:Peru.")
ROLES: Final = Kind(_roles, "It must list groups with Viewer, Operator or Administrator, such as grid-ops:Operator.")
SECOND_FACTOR: Final = Kind(_second_factor, "It must be none, staff or all.")
RATE: Final = Kind(_rate, "It must be a number of requests per sec, min, hour or day, such as 600/min.")
LOG: Final = Kind(_log, "It must be syslog, or the path of a file from the root, in a folder that exists.")
LEVEL: Final = Kind(_level, "It must be DEBUG, INFO, WARNING, ERROR or CRITICAL.")
LOG_FORMAT: Final = Kind(_log_format, "It must be plain or json.")
SITE: Final = Kind(_site, "It must be the address of the web in a browser, such as https://smmeplus.example.")
SENDER: Final = Kind(
    _sender, "It must be an address, with or without a name, such as SMM ePlus <smmeplus@smmeplus.example>."
)
KEY: Final = Kind(
    _key,
    f"It must be a random text of {_SHORTEST} characters or more, such as the output of: "
    "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'",
)
KEYS: Final = Kind(_keys, "It must list keys that SECRET_KEY had before, the newest first.", takes_empty=True)
FERNET_KEYS: Final = Kind(
    _fernet_keys,
    "It must list keys as this prints them: "
    "python3 -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'",
    takes_empty=True,
)
TITLE: Final = Kind(
    _title, "It must be 16 hexadecimal digits: three capital letters as bytes, and a number, such as 534D4D0000000001."
)
DATABASE: Final = Kind(
    _database, f"It must be postgres://USER:PASSWORD@HOST:PORT/NAME or sqlite:////FOLDER/FILE. {_PARTS}"
)
EMAIL: Final = Kind(_email, f"It must be smtp://HOST:PORT or smtp+tls://USER:PASSWORD@HOST:PORT, or smtp+ssl. {_PARTS}")
