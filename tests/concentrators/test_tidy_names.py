"""Names of places and things are stored tidied, whoever writes them (CON-5, PRO-3)."""

from __future__ import annotations

import importlib

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models

from concentrators.models import Concentrator
from concentrators.models.lines import LineOfText, tidy
from tests.factories import ConcentratorFactory
from wakeup.monitoring.concentrator.forms import ConcentratorForm

NAMES = ("manufacturer", "substation", "feeder", "region", "carrier")
TIDIED = {
    "Ap  System": "Ap System",
    " Ñuñoa ": "Ñuñoa",
    "N\u0303un\u0303oa": "Ñuñoa",
    "Maipú\u200b": "Maipú",
    "\u202aMai\u00adpú\u202c": "Maipú",
    "\ufeffMaipú": "Maipú",
    "a\u00a0b\u2003c\u2028d\u3000e": "a b c d e",
    "a\tb\nc": "a b c",
    "\u200b \u00a0": "",
    "": "",
    "\uff21\uff22": "\uff21\uff22",  # wide letters, seen otherwise than AB
}


@pytest.mark.one_database
@pytest.mark.parametrize(("text", "expected"), TIDIED.items())
def test_what_looks_the_same_is_the_same(text: str, expected: str) -> None:
    assert tidy(text) == tidy(tidy(text)) == expected


@pytest.mark.parametrize("name", NAMES)
def test_every_name_of_the_inventory_is_tidied(name: str) -> None:
    field = Concentrator._meta.get_field(name)
    assert isinstance(field, LineOfText)
    assert field.deconstruct()[1] == models.CharField().deconstruct()[1]


@pytest.mark.django_db
def test_the_form_stores_them_tidied_and_an_empty_one_as_empty() -> None:
    concentrator = ConcentratorFactory.create(substation="x", feeder="F1")
    form = ConcentratorForm(instance=concentrator)
    data = {name: "" if (value := form[name].value()) is None else value for name in form.fields} | {
        "substation": "Mai\u200bpú  Sur",
        "feeder": "\u200b",
    }
    changed = ConcentratorForm(data, instance=concentrator)
    assert changed.is_valid(), changed.errors
    stored = changed.save()
    assert (stored.substation, stored.feeder) == ("Maipú Sur", "")


@pytest.mark.django_db
def test_a_name_is_measured_as_it_is_stored() -> None:
    field = Concentrator._meta.get_field("substation")
    assert field.clean("x  " * 49 + "xy", None) == "x " * 49 + "xy"
    with pytest.raises(ValidationError):
        field.clean("x" * 101, None)


@pytest.mark.django_db
def test_names_stored_before_are_tidied_and_others_stay() -> None:
    migration = importlib.import_module("concentrators.migrations.0024_tidy_names")
    stored = [ConcentratorFactory.create(substation=text, feeder="F  1") for text in TIDIED]
    ConcentratorFactory.create(substation="Maipú", carrier="a b")
    migration.tidy_names(apps, None)
    names = Concentrator.objects.filter(pk__in=[one.pk for one in stored]).order_by("pk")
    assert list(names.values_list("substation", flat=True)) == list(TIDIED.values())
    assert {*names.values_list("feeder", flat=True)} == {"F 1"}
    assert migration.tidied is not tidy  # a migration does what it did, whatever becomes of the code
