"""Company first: which company a page is about."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest

from concentrators.models import Company


def visible_companies(request: HttpRequest) -> list[Company]:
    """What the drop-down offers: the companies that the user belongs to (ACC-1)."""
    return list(Company.objects.visible_to(request.user))


def selected_company(request: HttpRequest, companies: Sequence[Company]) -> Company | None:
    """The one of the visible ``companies`` that the URL names, else the first."""
    asked = request.GET.get("company", "")
    return next((company for company in companies if str(company.pk) == asked), next(iter(companies), None))
