from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from reports.mailing import MailServerAwayError
from smmeplus.api.tokens.ending import KEPT, delete_ended, ending, tell_owners
from smmeplus.api.tokens.showing import SOON
from smmeplus.common.api import once
from smmeplus.common.commands.quiet import QuietCommand
from smmeplus.models import RequestCount

ATTEMPTS_KEPT = timedelta(days=30)
COUNTS_KEPT = timedelta(days=1)  # the longest span that a limit may have


class Command(QuietCommand):
    help = (
        "Delete sessions that have ended, API tokens that ended "
        f"{KEPT.days} days ago, failed sign-ins older than {ATTEMPTS_KEPT.days} days, answers of the API that are not "
        f"said again any more; mail the owners of tokens that end within {SOON.days} days, once. Run it every night. "
        "Safe to run twice or at the same time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be mailed")

    def handle(self, *, dry_run: bool, **_options: Any) -> None:
        now = timezone.now()
        if dry_run:
            for token in ending(now):
                self.stdout.write(f"{token.user}: {token.token_key}… ends {token.expiry:%Y-%m-%d}")
            return
        call_command("clearsessions")
        # axes_reset_logs would leave them: it deletes the log of all sign-ins, which is not kept here.
        attempts, _by_model = AccessAttempt.objects.filter(attempt_time__lt=now - ATTEMPTS_KEPT).delete()
        RequestCount.objects.filter(since__lt=(now - COUNTS_KEPT).timestamp()).delete()
        once.forget(now)
        self.stdout.write(f"{delete_ended(now)} tokens and {attempts} failed sign-ins deleted")
        self._mail(now)

    def _mail(self, now: datetime) -> None:
        if not settings.SITE_URL:
            raise CommandError("Nobody was mailed: set SITE_URL to where browsers reach the web.")
        try:
            sent, failed = tell_owners(now)
        except MailServerAwayError as error:
            raise CommandError(f"The mail server takes no mails: {error}. The next run tries again.") from error
        if sent:
            self.stdout.write(f"{sent} mails sent about tokens that end")
        if failed:
            raise CommandError(f"{failed} mails could not be sent; the log says why. The next run tries again.")
