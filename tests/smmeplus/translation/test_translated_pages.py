"""Every page speaks Spanish and Italian, with nothing left in English (UI-3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, Concentrator, InstallationFile, InstallationRow, RowKind, State
from profiles.models import ProcedureProfile, SpontaneousProfile, SystemSettings
from smmeplus.dlms.kinds import Kind
from tests.factories import CompanyFactory, SpontaneousProfileFactory
from tests.smmeplus.every_url import paths_without_arguments
from tests.smmeplus.populated import BEGIN, populate
from tests.smmeplus.translation.catalogues import LANGUAGES, product_files
from tests.smmeplus.translation.english import english_in, unmarked_in
from tests.smmeplus.translation.markup import parse, texts
from wakeup.models import Format, Message, StrayFrame

pytestmark = pytest.mark.one_database(in_ci=True)

NOT_OURS = ("/admin/", "/api/", "/i18n/")
#: Title and columns of the reports of REP-2 and REP-3.
REPORTS = {
    ("wakeup", "en"): [
        "Wake up messages",
        "concentrator name",
        "ipaddress",
        "port",
        "first wake up date utc",
        "last wake up date utc",
        "last wake up date local",
        "wake up count",
    ],
    ("wakeup", "es"): [
        "Mensajes de wake-up",
        "nombre del concentrador",
        "dirección IP",
        "puerto",
        "fecha del primer wake-up UTC",
        "fecha del último wake-up UTC",
        "fecha del último wake-up local",
        "cantidad de wake-up",
    ],
    ("wakeup", "it"): [
        "Messaggi di wake-up",
        "nome concentratore",
        "indirizzo IP",
        "porta",
        "data primo wake-up UTC",
        "data ultimo wake-up UTC",
        "data ultimo wake-up locale",
        "numero di wake-up",
    ],
    ("wakeup-per-day", "en"): [
        "Wake up messages per day",
        "concentrator name",
        "ipaddress",
        "date",
        "daily msg count",
        "total msg count",
    ],
    ("wakeup-per-day", "es"): [
        "Mensajes de wake-up por día",
        "nombre del concentrador",
        "dirección IP",
        "fecha",
        "cantidad diaria de mensajes",
        "cantidad total de mensajes",
    ],
    ("wakeup-per-day", "it"): [
        "Messaggi di wake-up al giorno",
        "nome concentratore",
        "indirizzo IP",
        "data",
        "numero giornaliero di messaggi",
        "numero totale di messaggi",
    ],
}


@pytest.fixture
def chile(db: None) -> Company:
    """Chile with three of everything, a profile of older settings, and a file between preview and confirmation."""
    SystemSettings.objects.create(environment_name="Production", wakeup_ip="10.132.20.228")
    chile: Company = CompanyFactory.create(name="Chile")
    populate(chile, "A", 3)
    return chile


@pytest.fixture
def one(chile: Company) -> Concentrator:
    """One in field with a message and a history."""
    one = Concentrator.objects.get(serial_number="AF000")
    one.substation = "San Bernardo"
    one.save()
    one.customers = 1234
    one.save()
    Message.objects.create(
        concentrator=one,
        kind=Kind.BOOT,
        received_at=BEGIN,
        device_time=BEGIN + timedelta(hours=2),
        source_ip="10.2.0.1",
        port=58692,
        format=Format.TELEGRAM,
    )
    return one


@pytest.fixture
def paths(administrator: User, one: Concentrator) -> list[str]:
    """The addresses of all pages, and of the dialogs of one of everything."""
    default = ProcedureProfile.objects.default()
    used, unused = SpontaneousProfile.objects.get(name="A000"), SpontaneousProfileFactory.create(name="B")
    stray = StrayFrame.objects.filter(reason="unknown").first() or StrayFrame.objects.create(
        reason="unknown", sender="S1", first_at=BEGIN, last_at=BEGIN, count=1, source_ip="10.2.0.1", last_bytes=b"/"
    )
    return [
        *(path for path in paths_without_arguments() if not path.startswith(NOT_OURS)),
        reverse("reports:wakeup-per-day") + "?from_day=wrong",
        reverse("reports:wakeup") + "?q=nothing",
        *(reverse(f"profiles:{action}", args=[used.pk]) for action in ("show", "change", "clone", "delete")),
        *(reverse(f"profiles:{action}", args=[unused.pk]) for action in ("show", "change", "delete")),
        *(reverse(f"procedures:{action}", args=[default.pk]) for action in ("show", "change", "default", "delete")),
        *(reverse(f"concentrator:{action}", args=[one.serial_number]) for action in ("page", "change")),
        *(reverse(f"wakeup:{action}", args=[stray.pk]) for action in ("stray", "create-from-stray")),
        reverse("concentrators:preview", args=[_file(administrator, one.company).pk]),
        "/nothing/",
    ]


def _file(user: User, company: Company) -> InstallationFile:
    counts = {"new": 1, "changed": 1, "unchanged": 0, "rejected": 2, "installed": 1, "modified": 0, "errors": 2}
    file = InstallationFile.objects.create(user=user, company=company, name="chile.csv", counts=counts)
    InstallationRow.objects.create(
        file=file, line=2, serial_number="X", kind=RowKind.REFUSED, errors=[["serial_number", "X", "…"]]
    )
    return file


def speaking(language: str, user: User) -> Client:
    """A client whose browser asks for ``language``."""
    client = Client(headers={"Accept-Language": language})
    client.force_login(user)
    return client


def pages(client: Client, paths: list[str]) -> Iterator[tuple[str, Element]]:
    """What of ``paths`` is a page; another answer is a file, or leads elsewhere."""
    for path in paths:
        response = client.get(path)
        is_page = response["Content-Type"].startswith("text/html") and response.status_code in (200, 404)
        if is_page and not response.streaming:
            yield path, parse(response)


# At the desk one language stands for all: test_catalogues.py makes sure that each has the same texts.
@pytest.mark.parametrize(
    "language", [LANGUAGES[0], *(pytest.param(other, marks=pytest.mark.ci_only) for other in LANGUAGES[1:])]
)
def test_no_page_has_english_left(administrator: User, paths: list[str], language: str) -> None:
    found = {path: english_in(page, language) for path, page in pages(speaking(language, administrator), paths)}
    assert len(found) > 20
    assert not {path: english for path, english in found.items() if english}


@pytest.mark.ci_only  # as it is about the walk, not about the product
def test_the_walk_would_find_english_on_each_of_the_pages(administrator: User, paths: list[str]) -> None:
    found = {path: english_in(page, "es") for path, page in pages(speaking("en", administrator), paths)}
    assert min(map(len, found.values())) > 5
    assert {"Total items: 3", "Concentrator installation"} <= found[reverse("concentrators:installation")]


@pytest.mark.parametrize(
    ("language", "errors", "question"),
    [
        (
            "es",
            ["Seleccione exactamente un perfil espontáneo.", "Seleccione al menos un concentrador."],
            "¿Retirar de terreno 3 concentradores? Su historial se conserva.",
        ),
        (
            "it",
            ["Selezionare esattamente un profilo spontaneo.", "Selezionare almeno un concentratore."],
            "Rimuovere dal campo 3 concentratori? Il loro storico rimane.",
        ),
    ],
)
def test_errors_and_questions_are_in_the_users_language(
    administrator: User, chile: Company, language: str, errors: list[str], question: str
) -> None:
    client = speaking(language, administrator)
    refused = parse(client.post(reverse("concentrators:installation"), {}))
    assert sorted(texts(refused, ".//div[@role='alert']")) == sorted(errors)
    assert not english_in(refused, language)
    chosen = Concentrator.objects.filter(state=State.IN_FIELD).values_list("pk", flat=True)
    asked = parse(client.post(reverse("concentrators:removal"), {"concentrator": list(chosen)}))
    assert texts(asked, ".//p[@class='question']") == [question]
    assert not english_in(asked, language)


@pytest.mark.parametrize(("view", "language"), REPORTS)
def test_the_reports_of_the_reference_have_their_titles_and_columns_in_each_language(
    administrator: User, chile: Company, view: str, language: str
) -> None:
    page = parse(speaking(language, administrator).get(reverse(f"reports:{view}")))
    of_the_reference = REPORTS[view, language]
    assert [*texts(page, ".//h1"), *texts(page, ".//thead//th")][: len(of_the_reference)] == of_the_reference


def test_an_exported_file_has_the_same_columns_in_every_language(administrator: User, chile: Company) -> None:
    def header(language: str) -> Any:
        response = speaking(language, administrator).get(reverse("reports:wakeup") + "?export=csv")
        return b"".join(response).splitlines()[0]

    assert header("es") == header("it") == header("en")


def test_no_text_of_a_template_is_outside_of_translation() -> None:
    templates = product_files(".html")
    assert len(templates) > 30
    found = {path.name: unmarked_in(path.read_text()) for path in templates}
    assert not {name: texts for name, texts in found.items() if texts}


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ("<p>Nothing {{ name }}</p>", ["Nothing …"]),
        ("<title>{{ name }} · SMM ePlus</title>{{ at }} UTC ({{ n }} h)", []),
        ('<p>{% translate "Nothing" %} {{ name }} 1: —</p>', []),
        ("{% blocktranslate %}Nothing {{ name }}{% endblocktranslate %}{% comment %}Why{% endcomment %}", []),
        ('<a title="Away" class="btn {{ css }}"{% if a %} hidden{% endif %}></a>', ["Away"]),
        ("{% blocktranslate count n=n %}a{% plural %}b{% endblocktranslate %} c", ["c"]),
        ('{# Why #}<input placeholder="{% translate \'Search\' %}" value="yes">', []),
    ],
)
def test_a_text_outside_of_translation_is_found(template: str, found: list[str]) -> None:
    assert unmarked_in(template) == found
