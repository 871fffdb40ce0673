"""One search for all lists: parts of texts, beginnings of addresses, pasted lists (CON-1, REP-6)."""

from __future__ import annotations

import json
from datetime import timedelta
from ipaddress import IPv4Address

import pytest
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from concentrators.finding import MOST_WORDS, SEARCHED, matching, not_found
from concentrators.models import Company, Concentrator, PastedList
from smmeplus.common.networks import is_address, ranges_of
from tests.factories import ConcentratorFactory, ConcentratorTypeFactory, UserFactory
from tests.smmeplus.users import client_of, make_operator
from wakeup.models import WakeupTotal

pytestmark = pytest.mark.django_db

ADDRESSES = ("10.6.0.1", "10.60.0.1", "10.60.0.17", "10.60.1.7", "10.160.0.1", "110.60.0.1")


def make(company: Company, serial: str, **facts: object) -> Concentrator:
    return ConcentratorFactory.create(company=company, serial_number=serial, **facts)


@pytest.fixture
def few(chile: Company) -> Company:
    make(chile, "AB-100", substation="Maipú Norte", feeder="MN_1", region="Metropolitana", management_ip="10.60.0.17")
    make(chile, "AB-200", substation="Quilpué 50%", feeder="MN-1", manufacturer="Ap Sys", management_ip="10.61.0.17")
    make(
        chile,
        "CD-300",
        substation="Norte Grande",
        region="Valparaíso",
        type=ConcentratorTypeFactory.create(name="Other9"),
    )
    return chile


def found(text: str) -> list[str]:
    return [one.serial_number for one in matching(Concentrator.objects.order_by("serial_number"), text)]


@pytest.mark.parametrize(
    ("text", "serials"),
    [
        ("", ["AB-100", "AB-200", "CD-300"]),
        ("  ", ["AB-100", "AB-200", "CD-300"]),
        ("AB", ["AB-100", "AB-200"]),
        ("b-1", ["AB-100"]),
        (" cd-300 ", ["CD-300"]),
        ("norte", ["AB-100", "CD-300"]),
        ("maipú norte", ["AB-100"]),
        ("MN_1", ["AB-100"]),
        ("50%", ["AB-200"]),
        ("%", ["AB-200"]),
        ("_", ["AB-100"]),
        ("ap sys", ["AB-100", "AB-200", "CD-300"]),
        ("metropol", ["AB-100"]),
        ("alpara", ["CD-300"]),
        ("other", ["CD-300"]),
        ("10.60.", ["AB-100"]),
        ("10.6", ["AB-100", "AB-200"]),
        ("10.60.0.17", ["AB-100"]),
        ("10.60.0.1", []),
        ("10.060.0.17", []),
        ("10", ["AB-100"]),
        ("100AB", []),
        ("0\nAp", []),
        ("\\", []),
        ("'", []),
        ("x" * 5_000, []),
        (",", []),
        ("AB-100,", ["AB-100"]),
    ],
)
def test_a_text_is_found_in_any_of_them(few: Company, text: str, serials: list[str]) -> None:
    assert found(text) == serials


@pytest.mark.parametrize("between", [" ", ",", ";", "\n", "\r\n", "\t", ", ", " ;\n"])
def test_a_pasted_list_finds_each_of_its_serial_numbers_and_addresses(few: Company, between: str) -> None:
    assert found(between.join(["ab-100", "CD-300"])) == ["AB-100", "CD-300"]
    assert found(between.join(["10.61.0.17", "CD-300", "CD-300", ""])) == ["AB-200", "CD-300"]
    assert found(between.join(["AB-10", "CD-3"])) == []


def test_a_list_may_be_quoted_as_programs_do(few: Company) -> None:
    assert found("\"AB-100\",'CD-300'") == ["AB-100", "CD-300"]


def test_a_name_of_several_words_is_found_as_it_stands_there(few: Company) -> None:
    assert found("Norte Grande") == ["CD-300"]
    assert not_found(Concentrator.objects.all(), "Norte Grande 7") == ""
    assert not_found(Concentrator.objects.all(), "S12 F1") == ""
    assert not_found(Concentrator.objects.all(), "AB-100 F1").endswith(": F1.")
    assert not_found(Concentrator.objects.all(), "16CEC50610036665 16CEC50610036666").startswith("2 of the 2")


def test_what_was_not_found_is_named_and_what_was_found_is_not(few: Company) -> None:
    everyone = Concentrator.objects.all()
    assert not_found(everyone, "AB-100, CD-300, 10.61.0.17") == ""
    one = not_found(everyone, "AB-100, xy-1, CD-300")
    assert one == "1 of the 3 that you search for is not in this list: XY-1."
    many = not_found(everyone, "AB-100\n" + "\n".join(f"XY-{number}" for number in range(25)))
    assert many.startswith("25 of the 26 that you search for are not in this list: XY-0, XY-1, ")
    assert many.endswith("XY-19 and 5 more.")


def test_a_list_of_ten_thousand_is_found_and_one_more_is_refused(few: Company) -> None:
    serials = ["AB-100", *(f"X{number:05}" for number in range(MOST_WORDS - 1))]
    assert found("\n".join(serials)) == ["AB-100"]
    assert found("\n".join([*serials, "CD-300"])) == []
    refusal = not_found(Concentrator.objects.all(), "\n".join([*serials, "CD-300"]))
    assert refusal == "Search for at most 10000 serial numbers at a time; these are 10001."


def test_the_concentrators_of_other_rows_are_found_alike(few: Company) -> None:
    for one in Concentrator.objects.all():
        WakeupTotal.objects.create(concentrator=one, wakeup_count=1)
    rows = WakeupTotal.objects.order_by("concentrator__serial_number")
    for text in ("norte", "10.60.", "AB-100 CD-300", "metropol"):
        shown = [row.concentrator.serial_number for row in matching(rows, text, "concentrator__")]
        assert shown == found(text) != []
    assert not matching(rows, "ap sys", "concentrator__").exists()
    assert not_found(rows, "AB-100,XY-1", "concentrator__").endswith(": XY-1.")


@pytest.mark.parametrize(
    ("view", "field"),
    [
        ("concentrators:list", "q"),
        ("concentrators:installation", "c-q"),
        ("concentrators:modification", "c-q"),
        ("concentrators:removal", "c-q"),
        ("configurations:list", "q"),
        ("changes:list", "q"),
        ("rollouts:members", "q"),
        ("reports:in-field", "q"),
        ("reports:wakeup", "q"),
        ("reports:wakeup-per-day", "q"),
        ("reports:days", "q"),
    ],
)
def test_every_list_says_what_it_did_not_find(few: Company, view: str, field: str) -> None:
    client = client_of(make_operator(few))
    page = client.get(reverse(view), {field: "XY-100,<b>7"}).content.decode()
    assert "2 of the 2 that you search for are not in this list: XY-100, &lt;B&gt;7." in page
    assert "not in this list" not in client.get(reverse(view), {field: "XY-100"}).content.decode()


@given(st.text(st.sampled_from("0123456789."), max_size=15))
def test_ranges_hold_just_the_addresses_that_begin_so(beginning: str) -> None:
    numbers = [(int(IPv4Address(low)), int(IPv4Address(high))) for low, high in ranges_of(beginning)]
    for address in ADDRESSES:
        is_within = any(low <= int(IPv4Address(address)) <= high for low, high in numbers)
        assert is_within == ("." in beginning and beginning.count(".") < 4 and address.startswith(beginning))


@pytest.mark.parametrize("text", ["1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.٤", "1.2.3.4 ", "", "..."])
def test_what_is_no_address_is_none(text: str) -> None:
    assert not is_address(text)


def test_a_filter_by_a_place_looks_at_that_place_alone(few: Company) -> None:
    client = client_of(make_operator(few))
    page = client.get(reverse("concentrators:list"), {"region": "norte"}).content.decode()
    assert "AB-100" not in page
    assert "AB-100" in client.get(reverse("concentrators:list"), {"region": "metro"}).content.decode()


def test_none_of_the_texts_can_be_null_which_would_hide_the_others() -> None:
    assert not [name for name in SEARCHED if Concentrator._meta.get_field(name).null]


def paste(company: Company, text: str) -> HttpResponse:
    return client_of(make_operator(company)).post(reverse("concentrators:paste"), {"text": text})  # type: ignore[return-value]


def test_a_long_list_is_kept_and_stands_for_itself_in_every_search(few: Company) -> None:
    response = paste(few, "\n".join(["ab-100", "CD-300", *(f"X{number}" for number in range(5_000))]))
    search = json.loads(response.content)["search"]
    assert found(search) == ["AB-100", "CD-300"]
    said = not_found(Concentrator.objects.all(), search)
    assert said.startswith("5000 of the 5002 that you search for are not in this list: X0, X1,")
    page = client_of(make_operator(few, name="other")).get(reverse("concentrators:list"), {"q": search})
    assert "5000 of the 5002" in page.content.decode()


def test_one_that_is_too_long_is_refused_and_one_of_a_single_word_is_a_text(few: Company) -> None:
    refused = paste(few, "\n".join(f"X{number}" for number in range(MOST_WORDS + 1)))
    assert not PastedList.objects.exists()
    assert json.loads(refused.content)["problem"].endswith("these are 10001.")


@pytest.mark.parametrize("text", ["norte", "", "\0", "\x00A\x00", "'"])
def test_whatever_is_kept_is_found_as_if_it_were_typed(few: Company, text: str) -> None:
    assert found(json.loads(paste(few, text).content)["search"]) == found(text.replace("\0", ""))


@pytest.mark.parametrize("key", ["", "x", "00000000-0000-4000-8000-000000000000", "list:", "9" * 500])
def test_a_list_that_is_not_there_finds_nothing(few: Company, key: str) -> None:
    assert found(f"list:{key}") == []


def test_a_list_is_kept_for_thirty_days(few: Company) -> None:
    kept = [PastedList.objects.create(words="X", pasted_at=timezone.now() - timedelta(days=days)) for days in (29, 31)]
    paste(few, "AB-100 CD-300")
    assert set(PastedList.objects.values_list("pk", flat=True)) & {one.pk for one in kept} == {kept[0].pk}


def test_only_who_may_see_concentrators_may_paste(few: Company) -> None:
    nobody = UserFactory.create()
    assert client_of(nobody).post(reverse("concentrators:paste"), {"text": "A B"}).status_code == 403
    assert client_of(make_operator(few)).get(reverse("concentrators:paste")).status_code == 405
