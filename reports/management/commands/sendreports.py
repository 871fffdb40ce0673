from __future__ import annotations

from argparse import ArgumentParser
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from concentrators.finding import find_company
from concentrators.models import Company
from profiles.models import SystemSettings
from reports.day_report import DayReport
from reports.mailing import DayMail, MailServerAwayError, Sent, deliver
from reports.models import Subscription
from wakeup.counts.days import DAY, FIRST_DAY, begin_of
from wakeup.models.zones import with_zones, zone_in_force


class Command(BaseCommand):
    help = (
        "Mail the last reporting day that has ended to the subscribers of each company. Run it every hour, because "
        "days end at midnight of each company's zone. Safe to run twice or at the same time: nobody gets a day twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--day", metavar="YYYY-MM-DD", help="send this day again, to all subscribers")
        parser.add_argument("--company", metavar="NAME", help="only this company")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be sent")

    def handle(self, **options: Any) -> None:
        if not settings.SITE_URL:
            raise CommandError("Set SITE_URL to where browsers reach the web, such as https://smmeplus.example.")
        self.now, self.settings = timezone.now(), SystemSettings.current()
        self.wanted_day, self.is_dry_run = _day(options["day"]), options["dry_run"]
        companies = _companies(options["company"])
        try:
            failed = sum(self._serve(company) for company in companies)
        except MailServerAwayError as error:
            raise CommandError(f"The mail server takes no mails: {error}. The next run tries again.") from error
        if failed:
            raise CommandError(f"{failed} mails could not be sent; the log says why. The next run tries again.")

    def _serve(self, company: Company) -> int:
        """Send the day of ``company`` and say so; how many mails failed."""
        zone = zone_in_force(company, self.settings)
        day = self.wanted_day or self.now.astimezone(zone).date() - DAY
        subscriptions = self._subscriptions(company, day)
        if begin_of(day + DAY, zone) > self.now:
            said, outcome = "has not ended yet", Sent()
        elif not subscriptions:
            said, outcome = "nobody to send it to", Sent()
        elif self.is_dry_run:
            said, outcome = f"{len(subscriptions)} mails would be sent", Sent()
        else:
            report = DayReport(company, day, zone, subscriptions[0].user, self.settings, self.now)
            outcome = self._send(report, subscriptions)
            said = f"{outcome.sent} mails sent" + (f", {outcome.failed} failed" if outcome.failed else "")
        self.stdout.write(f"{company}, {day}: {said}")
        return outcome.failed

    def _subscriptions(self, company: Company, day: date) -> list[Subscription]:
        rows = Subscription.objects.filter(company=company).with_rights().select_related("user", "company")
        return list(rows if self.wanted_day else rows.due(day))

    def _send(self, report: DayReport, subscriptions: list[Subscription]) -> Sent:
        connection, mail = get_connection(), DayMail.of(report)
        try:
            return deliver(mail, subscriptions, connection, again=self.wanted_day is not None)
        finally:
            connection.close()


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        raise CommandError(f"“{text}” is no day like 2020-09-24.") from None
    if not FIRST_DAY <= day <= timezone.now().date():
        raise CommandError(f"{day} is no day that has ended.")
    return day


def _companies(name: str | None) -> list[Company]:
    companies = Company.objects.all()
    return with_zones(companies if name is None else companies.filter(pk=find_company(name).pk))
