"""Which companies the user of a request sees, and which of them a page is about (ACC-1)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet
from django.http import HttpRequest

from concentrators.models import Company
from profiles.models import SpontaneousProfile


def companies_of(request: HttpRequest | None) -> QuerySet[Company]:
    return Company.objects.visible_to(request.user) if request else Company.objects.none()


def profiles_of(request: HttpRequest | None) -> QuerySet[SpontaneousProfile]:
    """Those of everybody and of the companies that the user sees."""
    profiles: QuerySet[SpontaneousProfile] = SpontaneousProfile.objects.none()
    return SpontaneousProfile.objects.visible_to(request.user) if request else profiles


def selected_company(request: HttpRequest, companies: Sequence[Company]) -> Company | None:
    """The one of ``companies`` that the URL names; the first if it names none of them."""
    asked = request.GET.get("company", "")
    return next((company for company in companies if str(company.pk) == asked), next(iter(companies), None))
