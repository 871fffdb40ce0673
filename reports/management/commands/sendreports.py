from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.core.management.base import CommandError
from django.utils import timezone

from concentrators.finding import find_company
from concentrators.models import Company
from profiles.models import SystemSettings
from reports.day_report import DayReport
from reports.mailing import DayMail, Mail, MailServerAwayError, Sent, deliver
from reports.models import Kind, Subscription
from reports.reliability.figures import MonthReport
from reports.reliability.filters import month_at
from reports.reliability.mailing import MonthMail
from reports.reliability.months import Month
from smmeplus.common.commands.quiet import QuietCommand
from wakeup.counts.days import DAY, FIRST_DAY, begin_of
from wakeup.models.zones import with_zones, zone_in_force


class Command(QuietCommand):
    help = (
        "Mail the last reporting day and the last month that have ended to the subscribers of each company. Run it "
        "every hour, because days end at midnight of each company's zone. Safe to run twice or at the same time: "
        "nobody gets a day or a month twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        again = parser.add_mutually_exclusive_group()
        again.add_argument("--day", metavar="YYYY-MM-DD", help="send this day again, to all subscribers, and no month")
        again.add_argument("--month", metavar="YYYY-MM", help="send this month again, to all subscribers, and no day")
        parser.add_argument("--company", metavar="NAME", help="only this company")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be sent")

    def handle(self, **options: Any) -> None:
        if not settings.SITE_URL:
            raise CommandError("Set SITE_URL to where browsers reach the web, such as https://smmeplus.example.")
        self.now, self.settings = timezone.now(), SystemSettings.current()
        self.wanted_day, self.wanted_month = _day(options["day"]), _month(options["month"])
        self.is_dry_run = options["dry_run"]
        companies = _companies(options["company"])
        try:
            failed = sum(self._serve(company) for company in companies)
        except MailServerAwayError as error:
            raise CommandError(f"The mail server takes no mails: {error}. The next run tries again.") from error
        if failed:
            raise CommandError(f"{failed} mails could not be sent; the log says why. The next run tries again.")

    def _serve(self, company: Company) -> int:
        """Send the day and the month of ``company``; how many mails failed."""
        failed = 0 if self.wanted_month else self._serve_day(company)
        return failed + (0 if self.wanted_day else self._serve_month(company))

    def _serve_day(self, company: Company) -> int:
        zone = zone_in_force(company, self.settings)
        day = self.wanted_day or self.now.astimezone(zone).date() - DAY
        subscriptions = self._subscriptions(company, Kind.DAILY, day)
        is_over = begin_of(day + DAY, zone) <= self.now

        def make() -> Mail:
            return DayMail.of(DayReport(company, day, zone, subscriptions[0].user, self.settings, self.now))

        return self._say(f"{company}, {day}", subscriptions, make, is_over=is_over)

    def _serve_month(self, company: Company) -> int:
        month = self.wanted_month or month_at(self.now, company.zone).previous
        subscriptions = self._subscriptions(company, Kind.MONTHLY, month.first)
        if not subscriptions and not self.wanted_month:
            return 0  # as in most runs, of which nobody wants to read
        report = MonthReport(company, month, self.now)

        def make() -> Mail:
            return MonthMail(report, self.settings)

        return self._say(f"{company}, {month}", subscriptions, make, is_over=report.span.is_over)

    def _say(self, what: str, subscriptions: list[Subscription], make: Callable[[], Mail], *, is_over: bool) -> int:
        """Send what ``make`` makes, if there is anybody to have it, and say so; how many mails failed."""
        outcome = Sent()
        if not is_over:
            said = "has not ended yet"
        elif not subscriptions:
            said = "nobody to send it to"
        elif self.is_dry_run:
            said = f"{len(subscriptions)} mails would be sent"
        else:
            outcome = self._send(make, subscriptions)
            said = f"{outcome.sent} mails sent" + (f", {outcome.failed} failed" if outcome.failed else "")
        self.stdout.write(f"{what}: {said}")
        return outcome.failed

    @property
    def _is_again(self) -> bool:
        return self.wanted_day is not None or self.wanted_month is not None

    def _subscriptions(self, company: Company, kind: Kind, day: date) -> list[Subscription]:
        rows = Subscription.objects.filter(company=company, kind=kind).with_rights().select_related("user", "company")
        return list(rows if self._is_again else rows.due(day))

    def _send(self, make: Callable[[], Mail], subscriptions: list[Subscription]) -> Sent:
        connection, mail = get_connection(), make()
        try:
            return deliver(mail, subscriptions, connection, again=self._is_again)
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


def _month(text: str | None) -> Month | None:
    try:
        return None if text is None else Month.parse(text)
    except ValueError as error:
        raise CommandError(f"“{text}” is no month like 2027-04.") from error


def _companies(name: str | None) -> list[Company]:
    companies = Company.objects.all()
    return with_zones(companies if name is None else companies.filter(pk=find_company(name).pk))
