"""Frames that belong to no concentrator of ours: counted, bounded, never lost silently (LIS-6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connections, models
from django.utils.translation import gettext_lazy as _l

MAX_STRAY_SENDERS = 10_000
MAX_DETAIL = 200


class StrayReason(models.TextChoices):
    UNKNOWN = "unknown", _l("unknown serial number")
    REMOVED = "removed", _l("removed from the field")
    MALFORMED = "malformed", _l("malformed frame")
    CIPHERED = "ciphered", _l("ciphered, no key for it here")
    JUNK = "junk", _l("junk before a frame")
    NAMELESS = "nameless", _l("no valid device id")
    NETWORK = "network", _l("refused: not from its network")


@dataclass(frozen=True, slots=True)
class Stray:
    """One or more frames of a sender: a serial number, system title or other identity, or else an address.

    ``connections``: how many connections or datagrams lie behind a sender that is an address; the first stray of a
    connection brings 1, further ones 0.
    """

    reason: StrayReason
    sender: str
    at: datetime
    source_ip: str
    raw: bytes
    detail: str = ""
    count: int = 1
    first_at: datetime | None = None  # of several; else the same as `at`
    connections: int = 0


class StrayFrameQuerySet(models.QuerySet["StrayFrame"]):
    _COLUMNS = (
        "reason",
        "sender",
        "detail",
        "first_at",
        "last_at",
        "count",
        "connections",
        "source_ip",
        "last_bytes",
        "ignored",
    )
    # The ORM's upsert can only replace a value, not add to it. Both databases understand this one.
    _UPSERT = f"""
        INSERT INTO wakeup_strayframe ({", ".join(_COLUMNS)})
        VALUES ({", ".join(["%s"] * len(_COLUMNS))})
        ON CONFLICT (reason, sender) DO UPDATE SET
            detail = excluded.detail,
            last_at = excluded.last_at,
            count = wakeup_strayframe.count + excluded.count,
            connections = wakeup_strayframe.connections + excluded.connections,
            source_ip = excluded.source_ip,
            last_bytes = excluded.last_bytes
    """  # noqa: S608 - made of the column names above

    def count_in(self, strays: Iterable[Stray]) -> None:
        """Add ``strays`` to their senders' rows, within the caller's transaction.

        There are never many more than MAX_STRAY_SENDERS rows: the frames of further senders are counted as those of
        ``StrayFrame.OTHERS``. Several writers may do this at once: all lock rows in the same order.
        """
        by_sender = _grouped(strays)
        if not by_sender:
            return
        by_sender = _grouped(self._within_bounds(by_sender))
        with connections[self.db].cursor() as cursor:
            cursor.executemany(self._UPSERT, [self._values_of(by_sender[key]) for key in sorted(by_sender)])

    def _values_of(self, stray: Stray) -> list[Any]:
        row = StrayFrame(
            reason=stray.reason.value,
            sender=stray.sender,
            detail=stray.detail[:MAX_DETAIL],
            first_at=stray.first_at or stray.at,
            last_at=stray.at,
            count=stray.count,
            connections=stray.connections,
            source_ip=stray.source_ip,
            last_bytes=stray.raw,
        )
        fields = {field.name: field for field in StrayFrame._meta.fields}
        return [fields[name].get_db_prep_save(getattr(row, name), connections[self.db]) for name in self._COLUMNS]

    def _within_bounds(self, by_sender: dict[tuple[str, str], Stray]) -> list[Stray]:
        known = set(self.filter(sender__in={sender for _, sender in by_sender}).values_list("reason", "sender"))
        if known.issuperset(by_sender):
            return list(by_sender.values())  # as in a flood, in which there is no time to count the rows
        room = max(0, MAX_STRAY_SENDERS - self.count())
        bounded = []
        for key, stray in by_sender.items():
            if key not in known:
                room -= 1
            is_within = key in known or room >= 0
            bounded.append(stray if is_within else replace(stray, sender=StrayFrame.OTHERS))
        return bounded


def _grouped(strays: Iterable[Stray]) -> dict[tuple[str, str], Stray]:
    """The strays by reason and sender: the last one of each, with the number of all of them."""
    grouped: dict[tuple[str, str], Stray] = {}
    for stray in strays:
        key = (stray.reason.value, stray.sender)
        before = grouped.get(key)
        grouped[key] = (
            stray
            if before is None
            else replace(
                stray,
                first_at=before.first_at or before.at,
                count=before.count + stray.count,
                connections=before.connections + stray.connections,
            )
        )
    return grouped


class StrayFrame(models.Model):
    OTHERS = "(others)"

    reason = models.CharField(_l("reason"), max_length=9, choices=StrayReason)
    sender = models.CharField(_l("sender"), max_length=39, help_text=_l("Serial number, or address if it has none."))
    detail = models.CharField(_l("detail"), max_length=MAX_DETAIL, blank=True)
    first_at = models.DateTimeField(_l("first"))
    last_at = models.DateTimeField(_l("last"))
    count = models.PositiveBigIntegerField(_l("count"))
    # Known to the database, too: listeners of the version before go on writing until they are restarted.
    connections = models.PositiveIntegerField(_l("connections"), default=0, db_default=0)
    source_ip = models.GenericIPAddressField(_l("last IP address"))
    last_bytes = models.BinaryField(_l("last bytes"))
    ignored = models.BooleanField(_l("ignored"), default=False)

    objects = StrayFrameQuerySet.as_manager()

    class Meta:
        verbose_name = _l("stray frame")
        verbose_name_plural = _l("stray frames")
        ordering = ["-last_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["reason", "sender"], name="one_row_a_stray_sender")]

    def __str__(self) -> str:
        return f"{self.sender} ({self.get_reason_display()})"
