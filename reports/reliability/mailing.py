"""The mail of a month: its figures, and its files (STA-6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from concentrators.models import Concentrator
from profiles.models import SystemSettings
from reports.mailing import link_to, new_mail, subject_of
from reports.reliability.availability import with_availability
from reports.reliability.figures import MonthReport
from reports.reliability.pdf import pdf_of
from reports.reliability.sections import SCOPES, facts_of, matrix_of, notes_of_indices
from reports.reliability.workbook import WORKBOOK, workbook_of
from wakeup.models.zones import zone_in_force

SUBSCRIPTIONS = "monthly-subscriptions"


@dataclass(frozen=True)
class MonthMail:
    """``report`` as it is mailed. Its files have the 1,000 worst concentrators, so any mail server takes them."""

    report: MonthReport
    settings: SystemSettings

    @property
    def day(self) -> date:
        return self.report.month.first

    def to(self, address: str, language: str, connection: BaseEmailBackend) -> EmailMessage:
        with override(language):
            mail = new_mail(self._subject(), self._text(), address, connection, subscriptions=SUBSCRIPTIONS)
            for name, content, content_type in self._files():
                mail.attach(name, content, content_type)
        return mail

    def _subject(self) -> str:
        return subject_of(
            self.settings.environment_name, self.report.company.name, _("Reliability"), str(self.report.month)
        )

    def _text(self) -> str:
        context = {
            "subject": self._subject(),
            "figures": [(row.name, row.meaning, self._by_scope(row.cells)) for row in matrix_of(self.report)],
            "notes": notes_of_indices(),
            "facts": facts_of(self.report),
            "page": link_to("reliability", company=self.report.company.pk, month=self.report.month),
            "subscriptions": (_("To change what is mailed to you:"), link_to(SUBSCRIPTIONS)),
        }
        return render_to_string("reports/month_mail.txt", context)

    def _by_scope(self, cells: Any) -> list[tuple[str, str, str]]:
        return [(str(label), *cell) for label, cell in zip(SCOPES.values(), cells, strict=True)]

    def _files(self) -> list[tuple[str, bytes, str]]:
        name = self.report.file_name
        return [
            (f"{name}.pdf", pdf_of(self.report, self._concentrators), "application/pdf"),
            (f"{name}.xlsx", workbook_of(self.report, self._concentrators), WORKBOOK),
        ]

    @cached_property
    def _concentrators(self) -> QuerySet[Any]:
        """All of the company: who gets the mail belongs to it."""
        report = self.report
        of_company = Concentrator.objects.of_the_field().filter(company=report.company)
        counting_zone = zone_in_force(report.company, self.settings)
        return with_availability(of_company, report.month, report.zone, counting_zone, report.now)
