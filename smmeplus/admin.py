"""Pieces of the admin site that the rooms share."""

from __future__ import annotations

from functools import cached_property
from typing import Any, TypeVar, cast

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest

_M = TypeVar("_M", bound=Model)


class ReadOnlyAdmin(admin.ModelAdmin[_M]):
    """To look at, not to touch."""

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False


class CappedPaginator(Paginator[Any]):
    """Counts to 10,000 and no further: nobody pages through millions of rows, but counting them takes seconds."""

    CAP = 10_000

    @cached_property
    def count(self) -> int:
        return cast("QuerySet[Any]", self.object_list)[: self.CAP].count()
