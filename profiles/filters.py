from __future__ import annotations

from typing import TypeVar

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _l

from profiles.models import SpontaneousProfile
from profiles.named import NamedProfile
from profiles.names import fold_name
from smmeplus.common.lists import ListFilterSet

_P = TypeVar("_P", bound=NamedProfile)


def named(profiles: QuerySet[_P], text: str) -> QuerySet[_P]:
    return profiles.filter(name_folded__contains=fold_name(text.strip()))


class ProfileFilterSet(ListFilterSet):
    q = django_filters.CharFilter(label=_l("Search"), method="search")

    class Meta:
        model = SpontaneousProfile
        fields = ["q"]

    def search(self, profiles: QuerySet[_P], _name: str, text: str) -> QuerySet[_P]:
        return named(profiles, text)
