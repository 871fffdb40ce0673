"""A concentrator is taken out of service by its page and put back (STA-1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from xml.etree.ElementTree import Element

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, Concentrator, OutOfService
from tests.factories import CompanyFactory, ConcentratorFactory, OutOfServiceFactory
from tests.reports.arrivals import utc
from tests.smmeplus.translation.markup import alerts, field, label, links, parse, text, texts, with_class
from tests.smmeplus.users import client_of, make_operator, make_user, make_viewer
from tests.wakeup.at_noon import HOUR, NOW, SERIAL

pytestmark = pytest.mark.one_database

HTMX = {"HX-Request": "true"}
TYPED = {"reason": "New roof", "begin": "", "end": "2020-09-24T18:00"}


@pytest.fixture
def client(noon: Any, chile: Company) -> Client:
    return client_of(make_operator(chile))


def url(action: str, serial: object = SERIAL) -> str:
    return reverse(f"concentrator:{action}", args=[serial])


def page_of(client: Client) -> Element:
    return parse(client.get(url("page")))


def outs(page: Element) -> list[list[str]]:
    (part,) = (one for one in page.iter() if one.get("aria-labelledby") == "outs-head")
    return [texts(row, "td") for row in part.findall(".//tbody/tr")]


def make_out(one: Concentrator, begin: timedelta, end: timedelta, **values: Any) -> OutOfService:
    return OutOfServiceFactory.create(
        concentrator=one, begin=NOW + begin, end=NOW + end, **{"reason": "Works"} | values
    )


def buttons(page: Element) -> list[str]:
    return [
        text(button)
        for form in page.iter("form")
        if form.get("action") == url("back-in-service")
        for button in form.iter("button")
    ]


def test_today_expects_nothing_of_the_time_out_of_service(client: Client, one: Concentrator) -> None:
    make_out(one, -HOUR, HOUR)
    page = page_of(client)
    found = dict(zip(texts(page, ".//main//dt"), texts(page, ".//main//dd"), strict=True))
    assert found["Expected so far today"] == "6"
    titles = [title for title in texts(page, ".//svg//g/g/title") if "no data" not in title]
    assert titles == ["Thu 9/24/2020 10:00 · 0 of 6", "Thu 9/24/2020 11:00 · none was due"]


def test_the_dialog_asks_why_from_when_and_until_when(client: Client, one: Concentrator) -> None:
    assert links(page_of(client))["Out of service"] == url("out-of-service")
    dialog = parse(client.get(url("out-of-service"), headers=HTMX))
    assert texts(dialog, ".//h1") == ["Out of service"]
    assert texts(dialog, ".//label") == ["Reason *", "From", "Until *"]
    assert texts(dialog, ".//p")[0] == f"{SERIAL} · Six"
    assert [field(dialog, name).get("type") for name in ("begin", "end")] == ["datetime-local"] * 2
    assert "By the clocks of America/Santiago. Empty: now." in text(dialog)
    assert texts(dialog, ".//footer/button") == ["Cancel", "Set out of service"]


def test_set_it_shows_at_once_on_the_page(client: Client, one: Concentrator) -> None:
    response = client.post(url("out-of-service"), TYPED, headers=HTMX)
    assert response["HX-Redirect"] == url("page")
    page = page_of(client)
    assert alerts(page) == [f"Concentrator {SERIAL} is set out of service."]
    assert outs(page) == [
        ["9/24/2020 12:00:00 PM", "9/24/2020 6:00:00 PM", "New roof", "operator", "present End now"],
    ]
    row = OutOfService.history.get()
    assert (row.history_user.username, row.history_date, row.end) == ("operator", NOW, utc("2020-09-24 21:00"))


def test_without_scripts_the_dialog_is_a_page_that_leads_back(client: Client, one: Concentrator) -> None:
    page = parse(client.get(url("out-of-service")))
    assert [(text(link), link.get("href")) for link in page.findall(".//footer/a")] == [("Cancel", url("page"))]
    assert client.post(url("out-of-service"), TYPED)["Location"] == url("page")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("reason", "", "This field is required."),
        ("reason", " ", "This field is required."),
        ("reason", "x" * 201, "Ensure this value has at most 200 characters (it has 201)."),
        ("reason", "a\0b", "Null characters are not allowed."),
        ("end", "", "This field is required."),
        ("end", "tomorrow", "Type a date and a time."),
        ("end", "2020-09-24T12:00", "The end has to be after the beginning."),
        ("end", "9999-12-31T23:59", "This time is too far away."),
        ("end", "0001-01-01T00:00+14:00", "This time is too far away."),
        ("end", "2021-04-03T23:30", "This time comes twice, because clocks are put back then; choose another one."),
        ("begin", "2020-09-06T00:30", "This time does not exist, because clocks are put forward then; choose another"),
        ("begin", "2019-09-01T00:00", "This is more than a year back."),
    ],
)
def test_a_wrong_value_gets_its_label_circled_and_nothing_is_stored(
    client: Client, one: Concentrator, name: str, value: str, said: str
) -> None:
    dialog = parse(client.post(url("out-of-service"), TYPED | {name: value}, headers=HTMX))
    assert said in text(dialog)
    assert label(dialog, name).get("class") == "wrong"
    if "\0" not in value:
        assert field(dialog, name).get("value", "") == value
    assert field(dialog, "end" if name == "reason" else "reason").get("value") in TYPED.values()
    assert not OutOfService.objects.exists()


def test_what_overlaps_is_said_above_the_fields(client: Client, one: Concentrator) -> None:
    make_out(one, -HOUR, HOUR)
    dialog = parse(client.post(url("out-of-service"), TYPED, headers=HTMX))
    said = "It is out of service already from 9/24/2020 11:00:00 AM to 9/24/2020 1:00:00 PM: Works"
    assert alerts(dialog) == [said]
    assert OutOfService.objects.count() == 1


def test_a_long_reason_is_shortened_within_a_sentence(client: Client, one: Concentrator) -> None:
    make_out(one, -HOUR, HOUR, reason="x" * 200)
    [said] = alerts(parse(client.post(url("out-of-service"), TYPED, headers=HTMX)))
    assert said.endswith(f": {'x' * 79}…")
    page = page_of(client)
    assert outs(page)[0][2] == "x" * 200
    assert "x" * 79 + "…" in text(page)


def test_while_it_is_out_of_service_it_cannot_be_set_again(client: Client, one: Concentrator) -> None:
    make_out(one, -HOUR, HOUR)
    assert "Out of service" not in links(page_of(client))


@pytest.mark.parametrize(
    ("now", "ends"),
    [
        ("2020-09-24 15:00:30", ["2020-09-24T13:01", "2020-09-25T08:00"]),
        ("2020-12-31 10:59:59", ["2020-12-31T09:00", "2020-12-31T08:00"]),
        ("2021-01-01 11:00:00", ["2021-01-01T09:01", "2021-01-02T08:00"]),
        ("2021-04-04 02:30:00", ["2021-04-04T08:00"]),  # 23:30, which comes twice an hour later
        ("2020-09-06 03:30:00", ["2020-09-06T01:31", "2020-09-06T08:00"]),
    ],
)
def test_the_usual_ends_are_offered_by_the_clocks_of_the_company(
    chile: Company, one: Concentrator, now: str, ends: list[str]
) -> None:
    with time_machine.travel(utc(now), tick=False):
        client = client_of(make_operator(chile))
        dialog = parse(client.get(url("out-of-service"), headers=HTMX))
        filled = [button.get("value") for button in dialog.iter("button") if button.get("data-fills") == "end"]
        assert filled == ends
        answers = [client.post(url("out-of-service"), TYPED | {"end": end}).status_code for end in ends[-1:]]
        assert answers == [302]


def test_a_time_with_an_offset_is_taken_as_it_is(client: Client, one: Concentrator) -> None:
    client.post(url("out-of-service"), TYPED | {"end": "2020-09-24T18:00+02:00"})
    assert OutOfService.objects.get().end == utc("2020-09-24 16:00")


def test_the_button_puts_it_back_in_service(client: Client, one: Concentrator) -> None:
    make_out(one, -HOUR, HOUR)
    assert buttons(page_of(client)) == ["Back in service", "End now"]
    assert client.post(url("back-in-service"))["Location"] == url("page")
    page = page_of(client)
    assert alerts(page) == [f"The time out of service of {SERIAL} was ended."]
    assert buttons(page) == []
    assert OutOfService.objects.get().end == NOW
    assert OutOfService.history.first().history_user.username == "operator"


def test_the_list_tells_who_ended_it_and_until_when_it_was(client: Client, one: Concentrator) -> None:
    client.post(url("out-of-service"), TYPED | {"begin": "2020-09-24T11:00"})
    client.post(url("back-in-service"))
    assert outs(page_of(client)) == [
        [
            "9/24/2020 11:00:00 AM",
            "9/24/2020 12:00:00 PM",
            "New roof",
            "operator",
            "over; ended by operator, was until 9/24/2020 6:00:00 PM",
        ]
    ]


def test_a_planned_one_is_called_off_by_its_own_button(client: Client, one: Concentrator) -> None:
    present, planned = make_out(one, -HOUR, HOUR), make_out(one, 2 * HOUR, 3 * HOUR, reason="Later")
    assert buttons(page_of(client)) == ["Back in service", "Call off", "End now"]
    client.post(url("back-in-service"), {"out": planned.pk})
    present.refresh_from_db()
    assert present.end == NOW + HOUR
    called_off, still = outs(page_of(client))
    assert called_off[4] == "called off; ended by operator, was until 9/24/2020 3:00:00 PM"
    assert still[4] == "present End now"


def test_the_newest_20_are_listed(client: Client, one: Concentrator) -> None:
    for hour in range(21):
        make_out(one, -(hour + 1) * HOUR, -hour * HOUR, reason=f"No. {hour}")
    assert [row[2] for row in outs(page_of(client))] == [f"No. {hour}" for hour in range(20)]


def test_the_second_operator_is_told_that_it_is_in_service(client: Client, one: Concentrator) -> None:
    over = make_out(one, -2 * HOUR, -HOUR)
    client.post(url("back-in-service"))
    assert alerts(page_of(client)) == [f"{SERIAL} is in service already."]
    client.post(url("back-in-service"), {"out": over.pk})
    assert alerts(page_of(client)) == [f"This time out of service of {SERIAL} is over already."]


@pytest.mark.parametrize("key", ["", "x", "-1", "9" * 50, "²"])
def test_what_names_no_time_out_of_service_is_not_found(client: Client, one: Concentrator, key: str) -> None:
    make_out(one, -HOUR, HOUR)
    assert client.post(url("back-in-service"), {"out": key}).status_code == 404


def test_a_viewer_reads_and_is_offered_nothing(chile: Company, one: Concentrator) -> None:
    make_out(one, -HOUR, HOUR)
    client = client_of(make_viewer(chile))
    page = page_of(client)
    assert outs(page)[0][2:] == ["Works", "—", "present"]
    assert "Out of service" not in links(page)
    assert not buttons(page)
    assert client.get(url("out-of-service")).status_code == 403
    assert client.post(url("out-of-service"), TYPED).status_code == 403
    assert client.post(url("back-in-service")).status_code == 403
    assert OutOfService.objects.get().end == NOW + HOUR


def test_to_set_and_to_end_are_permissions_of_their_own(chile: Company, one: Concentrator) -> None:
    make_out(one, -HOUR, HOUR)
    setter = client_of(make_user("setter", chile, permissions=("concentrators.add_outofservice",)))
    ender = client_of(make_user("ender", chile, permissions=("concentrators.change_outofservice",)))
    assert ("Out of service" in links(page_of(setter)), buttons(page_of(setter))) == (True, [])
    assert setter.post(url("back-in-service")).status_code == 403
    assert ender.get(url("out-of-service")).status_code == 403
    assert ender.post(url("back-in-service")).status_code == 302


def test_of_a_strangers_concentrator_nothing_is_found(client: Client, one: Concentrator) -> None:
    strange = ConcentratorFactory.create(company=CompanyFactory.create(), in_field=True)
    out = make_out(strange, -HOUR, HOUR)
    assert client.get(url("out-of-service", strange)).status_code == 404
    assert client.post(url("out-of-service", strange), TYPED).status_code == 404
    assert client.post(url("back-in-service", strange)).status_code == 404
    assert client.post(url("back-in-service"), {"out": out.pk}).status_code == 404
    out.refresh_from_db()
    assert (out.end, OutOfService.objects.count()) == (NOW + HOUR, 1)


def test_back_in_service_is_never_got(client: Client, one: Concentrator) -> None:
    make_out(one, -HOUR, HOUR)
    assert client.get(url("back-in-service")).status_code == 405


def test_what_an_operator_types_stays_text(client: Client, one: Concentrator) -> None:
    make_out(one, -HOUR, HOUR, reason="<script>alert(1)</script>")
    assert "<script>alert" not in client.get(url("page")).content.decode()
    assert not with_class(page_of(client), "wrong")
