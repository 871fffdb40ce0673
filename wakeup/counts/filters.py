"""Filters by reporting days."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_filters
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _l

from wakeup.counts.days import FIRST_DAY


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class DayFilter(django_filters.DateFilter):  # type: ignore[misc] # untyped
    def __init__(self, **kwargs: Any) -> None:
        wrong = _l("A date is like 2020-09-24.")
        # Nothing is counted outside of these days, and at either end of the calendar some zones have no midnight.
        validators = [MinValueValidator(FIRST_DAY, wrong), MaxValueValidator(date(9000, 1, 1), wrong)]
        super().__init__(widget=DayInput, error_messages={"invalid": wrong}, validators=validators, **kwargs)
