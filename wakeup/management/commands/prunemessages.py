from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import CommandError
from django.db.models import QuerySet
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from concentrators.meters.retention import old_availability, prune_availability
from profiles.models import SystemSettings
from smmeplus.common.commands.quiet import QuietCommand
from wakeup.monitoring.notifications.feed.pruning import old_events, prune_events
from wakeup.retention.packing import Packed, pack, to_pack
from wakeup.retention.partitions import DEFAULT, ensure_partitions, is_partitioned, partitions
from wakeup.retention.pruning import Old, Pruned, limit_of, prune, to_prune
from wakeup.retention.strays import silent_for, surplus_before

FEWEST_DAYS = 2


class Command(QuietCommand):
    help = (
        "Delete the messages that are older than the settings say; their counts stay for ever. The same for unknown "
        "senders that have fallen silent, for what single days say of meters, and for events. "
        "On PostgreSQL also make the partitions of the next days, and pack those that are over. "
        "To be run daily; safe to run twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
        parser.add_argument(
            "--days", type=int, metavar="N", help="keep the messages of N days instead of what the settings say"
        )

    def handle(self, **options: Any) -> None:
        now, is_dry_run = timezone.now(), options["dry_run"]
        if options["days"] is not None and options["days"] < FEWEST_DAYS:
            raise CommandError(f"Messages are kept for {FEWEST_DAYS} days or more.")
        days = options["days"] or SystemSettings.current().messages_kept_days
        if not is_dry_run:
            for name in ensure_partitions(now):
                self.stdout.write(f"{name}: made")
        if days is None:
            self.stdout.write(
                "Messages are kept for ever. To change that set “messages are kept for days” in the system settings "
                "of the admin site, or give --days."
            )
        else:
            limit = limit_of(now, days)
            self._report(to_prune(limit) if is_dry_run else prune(limit), "would be " if is_dry_run else "")
            self._delete(surplus_before(limit), "minutes of surplus messages", is_dry_run)
        self._pack(now, limit_of(now, days) if days else None, is_dry_run)
        self._prune_strays(now, is_dry_run)
        self._prune_availability(now, is_dry_run)
        self._prune_events(now, is_dry_run)
        self._warn_of_tomorrow(now)

    def _pack(self, now: datetime, limit: datetime | None, is_dry_run: bool) -> None:
        done = Packed(to_pack(now, limit)) if is_dry_run else pack(now, limit)
        for old in done.packed:
            self.stdout.write(f"{_described(old)}: {'would be ' if is_dry_run else ''}packed")
        for old in done.busy:
            self.stderr.write(f"{_described(old)}: in use, is packed with the next run")

    def _prune_strays(self, now: datetime, is_dry_run: bool) -> None:
        kept_days = SystemSettings.current().strays_kept_days
        self._delete(silent_for(now, kept_days), f"unknown senders, silent for {kept_days} days,", is_dry_run)

    def _prune_availability(self, now: datetime, is_dry_run: bool) -> None:
        count = old_availability(now).count() if is_dry_run else prune_availability(now)
        if count:
            self.stdout.write(f"{count} days of meters' availability {'would be ' if is_dry_run else ''}deleted")

    def _prune_events(self, now: datetime, is_dry_run: bool) -> None:
        kept_days = SystemSettings.current().events_kept_days
        count = (old_events if is_dry_run else prune_events)(now, kept_days)
        if count:
            self.stdout.write(f"{count} events {'would be ' if is_dry_run else ''}deleted")

    def _delete(self, rows: QuerySet[Any], what: str, is_dry_run: bool) -> None:
        count = rows.count() if is_dry_run else rows.delete()[0]
        if count:
            self.stdout.write(f"{count} {what} {'would be ' if is_dry_run else ''}deleted")

    def _report(self, pruned: Pruned, would_be: str) -> None:
        for old in pruned.dropped:
            self.stdout.write(f"{_described(old)}: {would_be}dropped")
        for old in pruned.busy:
            self.stderr.write(f"{_described(old)}: in use, stays until the next run")
        where = f" of {DEFAULT}" if is_partitioned() else ""
        self.stdout.write(f"{pruned.rows} messages{where} {would_be}deleted")
        self.stdout.write(f"Messages from {pruned.limit:%Y-%m-%d %H:%M} UTC on are kept.")

    def _warn_of_tomorrow(self, now: datetime) -> None:
        tomorrow = now.date() + timedelta(days=1)
        if is_partitioned() and not any(partition.span.has(tomorrow) for partition in partitions()):
            self.stderr.write(f"There is no partition for tomorrow: its messages will lie in {DEFAULT}.")


def _described(old: Old) -> str:
    return f"{old.partition.name} (about {old.rows} messages, {filesizeformat(old.size)})"
