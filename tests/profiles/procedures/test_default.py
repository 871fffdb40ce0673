"""Exactly one procedure profile is the default (PRC-1)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse

from profiles.changing import delete_profile
from profiles.models import ProcedureProfile
from profiles.procedures import views
from profiles.procedures.changing import make_default
from tests.factories import ProcedureProfileFactory
from tests.smmeplus.translation.markup import alerts, parse, texts

HTMX = {"HX-Request": "true"}
LIST = reverse("procedures:list")


@pytest.fixture
def night(db: None) -> ProcedureProfile:
    return ProcedureProfileFactory.create(name="Night")


def url(profile: ProcedureProfile) -> str:
    return reverse("procedures:default", args=[profile.pk])


def defaults() -> list[str]:
    return list(ProcedureProfile.objects.filter(is_default=True).values_list("name", flat=True))


@pytest.mark.one_database
def test_it_asks_before_another_one_is_the_default(client: Client, night: ProcedureProfile) -> None:
    dialog = parse(client.get(url(night), headers=HTMX))
    assert texts(dialog, ".//p") == ["Use “Night” wherever no procedure profile is chosen?"]
    assert defaults() == ["At once"]


@pytest.mark.one_database
def test_another_one_is_the_default_and_both_histories_say_so(
    client: Client, night: ProcedureProfile, operator: User
) -> None:
    former = ProcedureProfile.objects.default()
    assert client.post(url(night), headers=HTMX)["HX-Redirect"] == LIST
    assert alerts(parse(client.get(LIST))) == ["“Night” is the default now."]
    assert defaults() == ["Night"]
    for one, is_default in ((former, False), (night, True)):
        newest = one.history.first()
        assert (newest.history_type, newest.history_user, newest.is_default) == ("~", operator, is_default)


@pytest.mark.one_database
def test_the_default_becomes_it_again_without_a_change(night: ProcedureProfile) -> None:
    make_default(night)
    versions = night.history.count()
    make_default(night)
    assert (defaults(), night.history.count()) == (["Night"], versions)


@pytest.mark.one_database
def test_a_used_one_can_be_the_default(used: ProcedureProfile) -> None:
    make_default(used)
    assert defaults() == ["Careful"]


@pytest.mark.one_database
def test_one_that_was_deleted_meanwhile_is_not_the_default(
    client: Client, night: ProcedureProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def after_a_deletion(profile: ProcedureProfile) -> None:
        ProcedureProfile.objects.filter(pk=night.pk).delete()
        make_default(profile)

    monkeypatch.setattr(views, "make_default", after_a_deletion)
    [said] = alerts(parse(client.post(url(night))))
    assert said.startswith("“Night” was deleted by operator at ")
    assert defaults() == ["At once"]


@pytest.mark.one_database
def test_one_that_became_the_default_meanwhile_is_not_deleted(
    client: Client, night: ProcedureProfile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def after_a_choice(profile: ProcedureProfile) -> None:
        make_default(night)
        delete_profile(profile)

    monkeypatch.setattr(views, "delete_profile", after_a_choice)
    dialog = parse(client.post(reverse("procedures:delete", args=[night.pk])))
    assert alerts(dialog) == ["“Night” is the default: make another one the default before you delete it."]
    assert defaults() == ["Night"]


def at_once(*actions: Callable[[], None]) -> list[type[Exception] | None]:
    """What the actions raise, begun together, each with a connection of its own."""
    start = threading.Barrier(len(actions))

    def run(action: Callable[[], None]) -> type[Exception] | None:
        start.wait()
        try:
            action()
        except ValidationError as error:
            return type(error)
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(actions)) as threads:
        return list(threads.map(run, actions))


@pytest.mark.django_db(transaction=True)
def test_of_many_who_choose_at_once_each_succeeds_and_one_is_the_last() -> None:
    profiles = ProcedureProfileFactory.create_batch(4)
    raised = at_once(*(lambda one=one: make_default(one) for one in profiles))
    assert raised == [None] * 4
    assert len(defaults()) == 1
    assert defaults()[0] in {one.name for one in profiles}


@pytest.mark.django_db(transaction=True)
def test_who_deletes_what_another_makes_the_default_is_refused_or_refuses_them() -> None:
    profile = ProcedureProfileFactory.create()
    raised = at_once(lambda: make_default(profile), lambda: delete_profile(profile))
    assert sorted(raised, key=str) == sorted([None, ValidationError], key=str)
    assert len(defaults()) == 1
