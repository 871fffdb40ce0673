"""Users choose their language, and texts, dates and numbers follow it (UI-3, REP-4)."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from concentrators.models import Company
from reports.views import WakeupReport
from tests.factories import ConcentratorFactory
from tests.reports.arrivals import send
from tests.smmeplus.translation.markup import column, parse, text, texts, with_class

pytestmark = pytest.mark.one_database

REPORT = reverse("reports:wakeup")
SIGN_IN = reverse("login")
MOMENT = {"en": "9/24/2020 10:18:46 AM", "es": "24/09/2020 10:18:46", "it": "24/09/2020 10:18:46"}
LOCAL = {"en": "9/24/2020 7:18:46 AM", "es": "24/09/2020 07:18:46", "it": "24/09/2020 07:18:46"}


def choose(client: Client, language: str, page: Element) -> str:
    """Press the button of ``language`` as a browser without scripts does; where that leads."""
    (form,) = with_class(page, "frame-languages")
    assert form.get("method") == "post"
    (button,) = (one for one in form.iter("button") if one.get("value") == language)
    hidden = {field.get("name", ""): field.get("value", "") for field in form.iter("input")}
    location: str = client.post(form.get("action", ""), hidden | {button.get("name", ""): language})["Location"]
    return location


def language_of(page: Element) -> str | None:
    html = page.find("html")
    assert html is not None
    return html.get("lang")


def current(page: Element) -> list[str]:
    """The languages that are marked as the one of the page."""
    (form,) = with_class(page, "frame-languages")
    return [text(button) for button in form.iter("button") if button.get("aria-current")]


def get(client: Client, url: str) -> Element:
    return parse(client.get(url))


@pytest.mark.parametrize(("language", "title"), [("es", "Mensajes de wake-up"), ("it", "Messaggi di wake-up")])
def test_a_choice_is_kept_and_leads_back_to_the_page(client: Client, language: str, title: str) -> None:
    url = REPORT + "?q=16CEC&sort=-port"
    location = choose(client, language, get(client, url))
    assert location == url
    for path in (location, REPORT):
        page = get(client, path)
        assert (language_of(page), current(page), texts(page, ".//h1")) == (language, [language.upper()], [title])


def test_the_choice_goes_before_what_the_browser_asks_for_and_back_again(operator: User) -> None:
    client = Client(headers={"Accept-Language": "it-IT,it;q=0.9"})
    client.force_login(operator)
    assert language_of(get(client, REPORT)) == "it"
    for language in ("es", "en"):
        choose(client, language, get(client, REPORT))
        assert language_of(get(client, REPORT)) == language


@pytest.mark.parametrize(
    ("wanted", "given"), [("es-CL,es;q=0.9", "es"), ("it", "it"), ("de-DE,de;q=0.9", "en"), ("", "en"), ("%&/", "en")]
)
def test_without_a_choice_the_browser_is_followed_as_far_as_there_is_a_catalogue(
    operator: User, wanted: str, given: str
) -> None:
    client = Client(headers={"Accept-Language": wanted})
    client.force_login(operator)
    assert language_of(get(client, REPORT)) == given


def test_every_language_is_offered_under_a_name_of_its_own(client: Client) -> None:
    (form,) = with_class(get(client, REPORT), "frame-languages")
    offered = [(one.get("value"), one.get("lang"), one.get("title"), text(one)) for one in form.iter("button")]
    assert offered == [
        ("en", "en", "English", "EN"),
        ("es", "es", "español", "ES"),
        ("it", "it", "italiano", "IT"),
    ]
    assert [code for code, *_rest in offered] == [code for code, _name in settings.LANGUAGES]
    assert form.get("aria-label") == "Language"


def test_before_the_sign_in_a_language_can_be_chosen_which_stays_afterwards(operator: User) -> None:
    operator.set_password("a long enough one")
    operator.save()
    client = Client()
    location = choose(client, "es", get(client, f"{SIGN_IN}?next={REPORT}"))
    assert location == f"{SIGN_IN}?next={REPORT}"
    page = get(client, location)
    assert texts(page, ".//h1") == ["Iniciar sesión"]
    wrong = parse(client.post(location, {"username": "operator", "password": "no"}))
    assert texts(wrong, ".//div[@role='alert']")[0].startswith("El nombre de usuario y la contraseña no coinciden.")
    client.post(location, {"username": "operator", "password": "a long enough one"})
    assert language_of(get(client, REPORT)) == "es"


def test_a_language_that_there_is_not_changes_nothing(client: Client) -> None:
    choose(client, "es", get(client, REPORT))
    client.post(reverse("set_language"), {"language": "xx", "next": REPORT})
    assert language_of(get(client, REPORT)) == "es"


def test_the_way_back_never_leads_to_another_host(client: Client) -> None:
    response = client.post(reverse("set_language"), {"language": "es", "next": "https://elsewhere.example/"})
    assert response["Location"] == "/"


def test_another_site_cannot_choose_for_the_user(operator: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(operator)
    assert client.post(reverse("set_language"), {"language": "es", "next": REPORT}).status_code == 403
    assert language_of(get(client, REPORT)) == "en"


def test_to_offer_languages_costs_no_query(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    anonymous = Client()
    with django_assert_num_queries(1):  # the settings, for the environment's name
        anonymous.get(SIGN_IN)


@pytest.mark.parametrize("language", MOMENT)
def test_dates_are_those_of_the_reference_in_english_and_those_of_the_language_else(
    client: Client, chile: Company, language: str
) -> None:
    one = ConcentratorFactory.create(company=chile, in_field=True)
    send(one, "2020-09-24 10:18:46")
    page = get(client, REPORT) if language == "en" else get(client, choose(client, language, get(client, REPORT)))
    cells = texts(page, ".//tbody/tr/td[@class='moment']")
    assert cells == [MOMENT[language], MOMENT[language], LOCAL[language]]


@pytest.mark.parametrize(("language", "day"), [("en", "9/23/2020 12:00:00 AM"), ("es", "23/09/2020 00:00:00")])
def test_a_day_is_its_midnight_in_each_language(client: Client, chile: Company, language: str, day: str) -> None:
    send(ConcentratorFactory.create(company=chile, in_field=True), "2020-09-23 12:00:00")
    url = reverse("reports:wakeup-per-day") + "?from_day=2020-09-23&to_day=2020-09-23"
    page = get(client, choose(client, language, get(client, url)))
    assert texts(page, ".//tbody/tr/td[@class='moment']") == [day]
    # What the filter shows and takes is what browsers exchange, in every language.
    dates = [field.get("value") for field in page.iter("input") if field.get("type") == "date"]
    assert dates == ["2020-09-23", "2020-09-23"]


@pytest.mark.parametrize(("language", "number"), [("en", "1,234"), ("es", "1.234"), ("it", "1.234")])
def test_large_numbers_are_written_as_the_language_does(
    client: Client, monkeypatch: pytest.MonkeyPatch, language: str, number: str
) -> None:
    monkeypatch.setattr("django.db.models.query.QuerySet.count", lambda _rows: 1234)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    assert client.get(REPORT + "?count=exact").content.decode() == number


def test_booleans_of_profiles_are_words_of_the_language(client: Client, chile: Company) -> None:
    ConcentratorFactory.create(company=chile, in_field=True)
    url = reverse("profiles:list")
    assert column(get(client, url), "Wake up enabled") == ["true"]
    choose(client, "es", get(client, url))
    assert column(get(client, url), "Wake-up habilitado") == ["sí"]


@pytest.mark.parametrize(
    ("language", "not_there", "forbidden"),
    [
        ("es", "Aquí no hay nada", "Usted no puede hacer esto"),
        ("it", "Qui non c'è nulla", "Operazione non consentita"),
    ],
)
def test_pages_of_refusals_are_in_the_users_language(
    client: Client, language: str, not_there: str, forbidden: str
) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    for url, status, title in (("/nothing/", 404, not_there), ("/concentrators/upload/", 403, forbidden)):
        if status == 403:
            User.objects.get(username="operator").groups.clear()
        response = client.get(url)
        page = parse(response)
        assert (response.status_code, language_of(page), texts(page, ".//h1")) == (status, language, [title])
        assert current(page) == [language.upper()]


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "The server could not do this"),
        ("es", "El servidor no pudo hacerlo"),
        ("it", "Il server non ha potuto farlo"),
    ],
)
def test_the_page_of_a_failure_is_in_the_users_language(
    operator: User, monkeypatch: pytest.MonkeyPatch, language: str, title: str
) -> None:
    monkeypatch.setattr(WakeupReport, "get_queryset", None)
    client = Client(raise_request_exception=False, headers={"Accept-Language": language})
    client.force_login(operator)
    response = client.get(REPORT)
    page = parse(response)
    assert (response.status_code, language_of(page), texts(page, ".//h1")) == (500, language, [title])
    assert not re.search(r"{[%{]", response.content.decode())
