"""Which unicast keys are and were in use, so that no counter of one comes twice (SEC-3)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from concentrators.models import LAST_COUNTER, DeviceKeys, UsedKey
from smmeplus.common.chunks import by_texts, execute_with, in_keys, sent_rows


def used_keys(digests: Collection[str], *, locked: bool = False) -> dict[str, UsedKey]:
    """Those of ``digests`` that are known, by their digests. No query for none."""
    if not digests:
        return {}
    rows = UsedKey.objects.filter(digest__in=by_texts(digests)).order_by("pk")
    return {row.digest: row for row in (rows.select_for_update() if locked else rows)}


def refusal_of(used: UsedKey | None, key: int) -> str:
    """Why the concentrator with ``key`` cannot have it; empty if it can."""
    if used is None or used.device_id == key:
        return ""
    if used.device_id is not None:
        return _("Another concentrator has this unicast key; each needs one of its own.")
    if used.own_counter is None:
        return _("A concentrator that was deleted had this unicast key; a device that comes back needs new keys.")
    return ""


def begin_anew(row: DeviceKeys, used: UsedKey | None) -> None:
    """Set the counters of ``row`` for another unicast key: a new one, or ``used``, which goes on from where it was.

    Our own counter never falls while a process may still cipher with the key before. Raises ValidationError.
    """
    if refusal := refusal_of(used, row.pk):
        raise ValidationError(refusal)
    row.accepted_counter = used.accepted_counter if used else None
    row.accepted_digest = row.accepted_at = None
    if used:
        row.own_counter = max(row.own_counter, used.own_counter or 1)
    elif row.own_counter > LAST_COUNTER // 2:  # a counter that runs out would never come back otherwise
        row.own_counter = 1


def take_out_of_use(rows: Collection[DeviceKeys]) -> None:
    """Keep where the counters of ``rows`` are stored to be, under which a new key is to be written."""
    if not rows:
        return
    stored = DeviceKeys.objects.filter(pk=OuterRef("device_id"))
    UsedKey.objects.filter(in_keys([row.pk for row in rows], "device_id")).update(
        own_counter=Subquery(stored.values("own_counter")[:1]),
        accepted_counter=Subquery(stored.values("accepted_counter")[:1]),
        device=None,
    )


def take_into_use(rows: Mapping[str, DeviceKeys], known: Mapping[str, UsedKey]) -> None:
    """``rows`` by the digests of their new keys. Raises IntegrityError if another one has got one meanwhile."""
    again = [UsedKey(digest=digest, device=row) for digest, row in rows.items() if digest in known]
    if again:
        UsedKey.objects.bulk_update(again, ["device", "own_counter", "accepted_counter"], batch_size=500)
    new = [UsedKey(digest=digest, device=row) for digest, row in rows.items() if digest not in known]
    if new:
        execute_with(
            f"INSERT INTO {UsedKey._meta.db_table} (digest, device_id) SELECT digest, device_id "  # noqa: S608 - names
            f"FROM {sent_rows(UsedKey, ('digest', 'device_id'))}",
            [{"digest": row.digest, "device_id": row.device_id} for row in new],
        )
