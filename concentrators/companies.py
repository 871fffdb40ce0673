"""Company first: which company a page is about."""

from __future__ import annotations

from django.http import HttpRequest

from concentrators.models import Company


def selected_company(request: HttpRequest) -> Company | None:
    """The one that the URL names, else the user's first; never one that he may not see (ACC-1)."""
    companies = Company.objects.visible_to(request.user)
    asked = request.GET.get("company", "")
    return (companies.filter(pk=asked).first() if asked.isdecimal() else None) or companies.first()
