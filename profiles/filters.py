from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _l

from profiles.models import SpontaneousProfile
from profiles.names import fold_name
from smmeplus.common.lists import ListFilterSet


def named(profiles: QuerySet[SpontaneousProfile], text: str) -> QuerySet[SpontaneousProfile]:
    return profiles.filter(name_folded__contains=fold_name(text.strip()))


class ProfileFilterSet(ListFilterSet):
    q = django_filters.CharFilter(label=_l("Search"), method="search")

    class Meta:
        model = SpontaneousProfile
        fields = ["q"]

    def search(self, profiles: QuerySet[SpontaneousProfile], _name: str, text: str) -> QuerySet[SpontaneousProfile]:
        return named(profiles, text)
