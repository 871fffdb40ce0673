"""The seals of a batch on the fast path: its statement raises their counters, or stores nothing (SEC-3).

All of them have to be new, each above the one before of its device. If one is not, or if keys have changed, the batch
takes the slow path, which sorts them out (:mod:`wakeup.recording.sealed.judging`). Of each device the statement is told
its first and its last counter and how many answers it gets; it says from which counter of ours on these are ciphered.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from concentrators.models import LAST_COUNTER
from wakeup.formats.seals import Seal
from wakeup.recording.arrivals import Arrival
from wakeup.recording.libpq import literal, quoted

_TYPES: Final = ", text[], text[], timestamptz[], bigint[], bigint[], text[], int[], timestamptz[]"
#: That the concentrator ``c`` may send plain messages.
_PLAIN_ALLOWED: Final = (
    "NOT EXISTS (SELECT FROM concentrators_devicekeys k WHERE k.concentrator_id = c.id AND k.ciphered_only)"
)
#: The same, or that it has the title of its messages.
_ALLOWED: Final = f"""CASE WHEN wanted.title = '' THEN {_PLAIN_ALLOWED}
            ELSE EXISTS (SELECT FROM concentrators_devicekeys k
                WHERE k.concentrator_id = c.id AND k.system_title = wanted.title)
        END"""


class Parts(NamedTuple):
    """What a statement has for seals, each as SQL.

    ``titles`` is a further parameter beside the serial numbers, and ``title`` its column: the title of each, empty for
    plain messages. ``allowed`` is what has to hold for its concentrator ``c``. ``tables`` stand before what is stored,
    ``is_good`` says whether it is, and ``counters`` is a further column of the result.
    """

    types: str
    titles: str
    title: str
    allowed: str
    tables: str
    is_good: str
    counters: str


def without_seals(is_known: str) -> Parts:
    """``is_known`` is SQL that says whether all concentrators of a batch are found."""
    return Parts("", "", "", _PLAIN_ALLOWED, "", is_known, "")


def with_seals(is_known: str, first: int) -> Parts:
    """The same for statements whose parameters for seals begin with ``first``: the titles, and then the devices.

    Their rows are locked in one order, before anything else is, and read as they are once they are locked.
    """
    parameters = ", ".join(f"${number}" for number in range(first + 1, first + 8))
    tables = f""", locked AS MATERIALIZED (
    SELECT k.concentrator_id, k.system_title, k.own_counter, s.last_counter, s.digest, s.answers, s.received_at
    FROM unnest({parameters})
        AS s (title, version, first_counter, last_counter, digest, answers, received_at)
    JOIN concentrators_devicekeys k ON k.system_title = s.title
    WHERE k.changed_at = s.version AND (k.accepted_counter IS NULL OR k.accepted_counter < s.first_counter)
        AND k.own_counter + s.answers <= {LAST_COUNTER + 1}
    ORDER BY k.concentrator_id
    FOR NO KEY UPDATE OF k
), verdict AS MATERIALIZED (
    SELECT {is_known} AND (SELECT count(*) FROM locked) = cardinality(${first + 1}) AS is_good
), accepted AS (
    UPDATE concentrators_devicekeys k
    SET accepted_counter = locked.last_counter, accepted_digest = decode(locked.digest, 'hex'),
        accepted_at = locked.received_at, own_counter = locked.own_counter + locked.answers
    FROM locked WHERE k.concentrator_id = locked.concentrator_id AND (SELECT is_good FROM verdict)
)"""  # noqa: S608 - its only insertions are our own numbers
    counters = ", (SELECT string_agg(system_title || ' ' || own_counter, ' ') FROM locked)"
    is_good = "(SELECT is_good FROM verdict)"
    return Parts(_TYPES, f", ${first}", ", title", _ALLOWED, tables, is_good, counters)


class Gathered(NamedTuple):
    """The seals of a batch by title. ``titles`` has the title of each serial number, empty for plain messages."""

    seals: dict[str, list[Seal]]
    titles: dict[str, str]
    received_at: dict[str, datetime]  # the last of each title

    def arguments(self, serials: Sequence[str]) -> list[str]:
        """Those of the statement behind all others, for messages or senders with these ``serials``."""
        last = [seals[-1] for seals in self.seals.values()]
        return [
            quoted([self.titles[serial] for serial in serials]),
            quoted(self.seals),
            literal(f'"{one.device.changed_at.isoformat()}"' for one in last),
            literal(seals[0].counter for seals in self.seals.values()),
            literal(one.counter for one in last),
            literal(one.digest.hex() for one in last),
            literal(sum(bool(one.confirmation) for one in seals) for seals in self.seals.values()),
            literal(f'"{at.isoformat()}"' for at in self.received_at.values()),
        ]

    def accept(self, counters: str) -> None:
        """Give each seal its counter of ours, now that all are accepted: ``title counter`` for each of the devices."""
        words = counters.split()
        for title, counter in zip(words[::2], words[1::2], strict=True):
            own_counter = int(counter)
            for seal in self.seals[title]:
                seal.accept(own_counter if seal.confirmation else None)
                own_counter += bool(seal.confirmation)


def gather(arrivals: Sequence[Arrival]) -> Gathered | None:
    """None if a seal of ``arrivals`` is bad, or not above the one before, or if one sender is ciphered and plain."""
    seals: dict[str, list[Seal]] = {}
    titles: dict[str, str] = {}
    received_at: dict[str, datetime] = {}
    for arrival in arrivals:
        seal = arrival.seal
        title = "" if seal is None else seal.device.title
        if titles.setdefault(arrival.serial, title) != title:
            return None
        if seal is None:
            continue
        of_title = seals.setdefault(title, [])
        if seal.fault is not None or (of_title and not _is_next(of_title[-1], seal)):
            return None
        of_title.append(seal)
        received_at[title] = arrival.received_at
    return Gathered(seals, titles, received_at)


def _is_next(before: Seal, seal: Seal) -> bool:
    return seal.counter > before.counter and seal.device.changed_at == before.device.changed_at
