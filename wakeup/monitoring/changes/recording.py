"""Records how the status of some concentrators changed, from what the database knows of them (STA-3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import F, OuterRef, Subquery

from concentrators.models import PastWatch, Watch
from concentrators.procedures.due import OF_WATCHES
from smmeplus.common.chunks import in_chunks
from smmeplus.dlms.kinds import WAKEUPS, Kind
from wakeup.models import Message
from wakeup.monitoring.changes.replay import Change, Heard, Recorded, Replay, Rule
from wakeup.monitoring.changes.storing import among, store_changes, store_states
from wakeup.monitoring.expected.rules import OutOfServiceSpan
from wakeup.monitoring.status.facts import outs_of
from wakeup.monitoring.status.rules import Timing
from wakeup.monitoring.verdicts.known import KnownVerdicts

#: Concentrators whose messages are read at a time.
READ = 500
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_KINDS = (*WAKEUPS, Kind.LASTGASP)


class _Row(NamedTuple):
    pk: int
    since: datetime | None
    silent_from: datetime | None
    period_min: int | None
    lost_due_at: datetime | None
    outs_until: datetime | None
    status: str
    status_at: datetime | None
    seen_wakeup_at: datetime | None
    seen_gasp_at: datetime | None
    kept_gasp_at: datetime | None
    void_gasp_at: datetime | None
    last_wakeup_at: datetime | None
    last_gasp_at: datetime | None
    carrier: str

    @property
    def rule(self) -> Rule:
        return Rule(self.since, self.silent_from, _minutes(self.period_min), self.lost_due_at)

    @property
    def recorded(self) -> Recorded:
        at = self.status_at or _BEGINNING
        gasps = (self.seen_gasp_at, self.kept_gasp_at, self.void_gasp_at)
        return Recorded(self.status, at, self.seen_wakeup_at, *gasps)

    @property
    def has_news(self) -> bool:
        return self.last_wakeup_at != self.seen_wakeup_at or self.last_gasp_at != self.seen_gasp_at

    @property
    def totals(self) -> list[Heard]:
        """What the counters know of messages that may have been pruned."""
        known = ((self.last_wakeup_at, Kind.KEEPALIVE), (self.last_gasp_at, Kind.LASTGASP))
        return sorted(Heard(at, kind) for at, kind in known if at)


def record_changes(keys: Sequence[int], until: datetime, timing: Timing) -> int:
    """Record how the status of the concentrators ``keys`` changed up to ``until``; return how many changes.

    To be called within a transaction. What another process holds is left to it, and what has been changed after
    ``until`` to a later pass: of that, this one would see neither the end nor what comes then.
    """
    rows, past = _settled(_locked(keys), until)
    outs = outs_of([row.pk for row in rows if row.outs_until])
    told: list[tuple[_Row, Recorded]] = []
    for chunk in in_chunks([row for row in rows if row.has_news], READ):
        heard = _messages(chunk, until)
        told += [(row, _told(row, past, heard[row.pk], outs, until, timing)) for row in chunk]
    told += [(row, _told(row, past, (), outs, until, timing)) for row in rows if not row.has_news]
    store_states([_state(row, recorded) for row, recorded in told])
    changes = [(row, change) for row, recorded in told for change in recorded.changes]
    store_changes(_with_verdicts(changes))
    return len(changes)


def _with_verdicts(changes: Sequence[tuple[_Row, Change]]) -> list[dict[str, Any]]:
    """The rows to store, each with whose fault silence was at its time."""
    if not changes:
        return []
    times = [change.at for _row, change in changes]
    verdicts = KnownVerdicts.between(min(times), max(times))
    return [
        {"concentrator_id": row.pk, **change._asdict(), "verdict": verdicts.at(row.carrier, change.at)}
        for row, change in changes
    ]


def _told(
    row: _Row,
    past: Mapping[int, Sequence[Rule]],
    heard: Sequence[Heard],
    outs: Mapping[int, Sequence[OutOfServiceSpan]],
    until: datetime,
    timing: Timing,
) -> Recorded:
    messages = [one for one in heard if one.at <= until]
    recorded = row.recorded
    if row.status_at is None:
        return _begun(row, messages, outs.get(row.pk, ()), until, timing)
    rules = [*past.get(row.pk, ()), row.rule]
    return Replay(recorded, rules, messages, outs.get(row.pk, ()), timing).run(until)


def _begun(
    row: _Row, messages: Sequence[Heard], outs: Sequence[OutOfServiceSpan], until: datetime, timing: Timing
) -> Recorded:
    """What was in field before changes were recorded has a status from now on, and no change."""
    recorded = Replay(row.recorded, [row.rule], messages, outs, timing).run(until)
    recorded.changes.clear()
    recorded.status_at = until
    return recorded


def _locked(keys: Sequence[int]) -> list[_Row]:
    total = OF_WATCHES.total
    paths = {"carrier": "concentrator__carrier"}
    names = [name if name in _OWN else paths.get(name, f"{total}{name}") for name in _Row._fields]
    rows = Watch.objects.filter(pk__in=among(keys)).select_for_update(skip_locked=True, of=("self",))
    return [_Row(*values) for values in rows.order_by().values_list(*names)]


_OWN = {"pk", *(field.name for field in Watch._meta.concrete_fields)}


def _settled(rows: Sequence[_Row], until: datetime) -> tuple[list[_Row], Mapping[int, Sequence[Rule]]]:
    """The ``rows`` that have not been changed after ``until``, and their rules that have ended since changes were last
    recorded, in their order. These are not kept any longer.

    Read once the rows are locked: whoever changes one adds its rule within the same transaction.
    """
    found: dict[int, list[Rule]] = defaultdict(list)
    past = PastWatch.objects.filter(concentrator__in=among([row.pk for row in rows]))
    for one in past.order_by("pk"):
        rule = Rule(one.since, one.silent_from, _minutes(one.period_min), one.lost_due_at, one.until)
        found[one.concentrator_id].append(rule)
    later = {key for key, rules in found.items() if any(rule.until and rule.until > until for rule in rules)}
    if ended := found.keys() - later:
        PastWatch.objects.filter(concentrator__in=among(sorted(ended))).delete()
    return [row for row in rows if row.pk not in later], found


def _messages(rows: Sequence[_Row], until: datetime) -> Mapping[int, Sequence[Heard]]:
    """The messages of ``rows`` since the last that is recorded, in their order."""
    first = {row.pk: row.seen_wakeup_at or row.status_at or until for row in rows}
    found: dict[int, list[Heard]] = {row.pk: [] for row in rows}
    messages: Any = Message.objects.filter(
        concentrator__in=list(first), received_at__gte=min(first.values()), received_at__lte=until, elsewhere=False
    )
    for key, *message in (
        messages.filter(kind__in=_KINDS)
        .order_by("received_at", "pk")
        .values_list("concentrator_id", F("received_at"), "kind", "device_time")
    ):
        heard = Heard(*message)
        if heard.at >= first[key]:
            found[key].append(heard)
    _called_before(rows, found)
    return {row.pk: _with_totals(row, found[row.pk]) for row in rows}


def _called_before(rows: Sequence[_Row], found: dict[int, list[Heard]]) -> None:
    """Add the last wake-up before all that to those that have sent a last gasp and no wake-up that is recorded.

    By the device's own clock the gasp may be older than that one, which was sent before the installation.
    """
    gasped = [row.pk for row in rows if row.seen_wakeup_at is None and _has_gasp(found[row.pk])]
    if not gasped:
        return
    calls = Message.objects.filter(
        concentrator=OuterRef("pk"), received_at__lt=OuterRef("status_at"), kind__in=WAKEUPS, elsewhere=False
    ).order_by("-received_at", "-pk")
    last = [Subquery(calls.values(name)[:1]) for name in ("received_at", "kind", "device_time")]
    for key, *heard in Watch.objects.filter(pk__in=gasped).values_list("pk", *last):
        if heard[0] is not None:
            found[key].insert(0, Heard(*heard))


def _has_gasp(messages: Sequence[Heard]) -> bool:
    return any(one.kind == Kind.LASTGASP for one in messages)


def _with_totals(row: _Row, heard: Sequence[Heard]) -> Sequence[Heard]:
    """Also what the counters know of, where the message has been pruned."""
    known = {one.at for one in heard}
    totals = [one for one in row.totals if one.at not in known]
    return sorted([*totals, *heard], key=lambda one: one.at) if totals else heard


def _state(row: _Row, recorded: Recorded) -> dict[str, Any]:
    return {
        "concentrator_id": row.pk,
        "status": recorded.status,
        "status_at": recorded.status_at,
        "seen_wakeup_at": recorded.wakeup_at,
        "seen_gasp_at": recorded.seen_gasp_at,
        "void_gasp_at": recorded.void_gasp_at,
        "kept_gasp_at": recorded.gasp_at,
        "look_at": recorded.look_at,
        "next_at": recorded.next_at,
        "is_heard": recorded.is_heard,
    }


def _minutes(minutes: int | None) -> timedelta | None:
    return timedelta(minutes=minutes) if minutes else None
