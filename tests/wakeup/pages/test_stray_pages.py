"""Unknown senders and refused frames: what is listed, to whom, and what a frame's dialog says (LIS-6)."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, Concentrator
from smmeplus.dlms.kinds import Kind
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.smmeplus.translation.markup import (
    column,
    field,
    headers,
    label,
    links,
    options,
    parse,
    rows,
    text,
    texts,
    with_class,
)
from tests.smmeplus.users import client_of, make_user, make_viewer
from tests.wakeup.pages.strays import ADD, AT, CHANGE, HTMX, SERIAL, URL, VIEW, make_stray
from wakeup.models import Format, StrayFrame, StrayReason
from wakeup.models.strays import Stray
from wakeup.recording.arrivals import Arrival
from wakeup.recording.recorder import record

pytestmark = pytest.mark.one_database

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def client(chile: Company) -> Client:
    """That of an operator of Chile."""
    return client_of(make_user("operator", chile, permissions=(VIEW, CHANGE, ADD)))


def senders(client: Client, query: str = "") -> list[str]:
    return column(parse(client.get(URL + query)), "Sender")


def actions(client: Client) -> list[str]:
    return column(parse(client.get(URL + "?ignored=")), "Actions")


def test_what_was_recorded_of_unknown_removed_and_refused_is_listed(client: Client, removed: Concentrator) -> None:
    arrivals = [
        Arrival(serial, Kind.BOOT, Format.PUSH, AT + timedelta(minutes=minute), "10.20.30.40", 58692)
        for minute, serial in enumerate([SERIAL, SERIAL, removed.serial_number])
    ]
    refused = Stray(
        StrayReason.MALFORMED,
        "10.20.30.41",
        AT + timedelta(hours=6),
        "10.20.30.41",
        b"\xff",
        "no format",
        connections=3,
    )
    record(arrivals, [refused])
    page = parse(client.get(URL))
    assert texts(page, ".//main//h1") == ["Unknown senders and refused frames"]
    assert headers(page)[:5] == ["Sender", "Reason", "Detail", "Count", "First (UTC)"]
    assert headers(page)[4:] == ["First (UTC)", "Last (UTC)", "Last IP address", "Actions", ""]
    first, second, third = "3/14/2026 7:15:00 AM", "3/14/2026 7:16:00 AM", "3/14/2026 7:17:00 AM"
    late = "3/14/2026 1:15:00 PM"
    assert [row[:-2] for row in rows(page)] == [
        ["10.20.30.41", "malformed frame", "no format (3 connections)", "1", late, late, "10.20.30.41"],
        ["REMOVED1", "removed from the field", "boot", "1", third, third, "10.20.30.40"],
        [SERIAL, "unknown serial number", "boot", "2", first, second, "10.20.30.40"],
    ]


@pytest.mark.parametrize("name", ["sender", "reason", "detail", "count", "first_at", "last_at", "source_ip"])
def test_each_column_sorts_both_ways(client: Client, name: str) -> None:
    later = AT + timedelta(days=1)
    make_stray(
        "B",
        StrayReason.UNKNOWN,
        detail="b",
        count=2,
        connections=2,
        first_at=later,
        last_at=later,
        source_ip="10.0.0.2",
    )
    make_stray("A", StrayReason.MALFORMED, detail="a", count=1, first_at=AT, last_at=AT, source_ip="10.0.0.1")
    assert senders(client, f"?sort={name}") == ["A", "B"]
    assert senders(client, f"?sort=-{name}") == ["B", "A"]


def test_pages_do_not_overlap_and_keep_the_filters(client: Client) -> None:
    for number in range(30):
        make_stray(f"S{number:02}")
    first = parse(client.get(URL + "?q=s&reason=unknown"))
    assert "Total items: 30" in text(first)
    second = urlsplit(links(first)["2"])
    assert parse_qs(second.query) == {"q": ["s"], "reason": ["unknown"], "page": ["2"]}
    both = column(first, "Sender") + senders(client, f"?{second.query}")
    assert sorted(both) == [f"S{number:02}" for number in range(30)]
    assert senders(client, "?page=99") == senders(client, "?page=2")
    assert len(senders(client, "?per_page=50")) == 30


def test_the_reason_filters(client: Client, removed: Concentrator) -> None:
    senders_by_reason = {reason.value: f"S{number}" for number, reason in enumerate(StrayReason)}
    senders_by_reason["removed"] = removed.serial_number
    for reason in StrayReason:
        make_stray(senders_by_reason[reason.value], reason)
    found = {reason.value: senders(client, f"?reason={reason.value}") for reason in StrayReason}
    hidden = ("network",)  # whose sender has a company, whichever
    assert found == {reason: [] if reason in hidden else [sender] for reason, sender in senders_by_reason.items()}
    assert options(parse(client.get(URL)), "reason")[""] == "All"


@pytest.mark.parametrize(
    ("query", "listed"),
    [("", ["A"]), ("?ignored=no", ["A"]), ("?ignored=yes", ["B ignored"]), ("?ignored=", ["A", "B ignored"])],
)
def test_what_is_ignored_is_listed_only_when_asked_for(client: Client, query: str, listed: list[str]) -> None:
    make_stray("A", ignored=False)
    make_stray("B", ignored=True)
    assert sorted(senders(client, query)) == listed


@pytest.mark.parametrize(
    ("typed", "found"), [("c506", ["16CEC506"]), ("+FE80+", ["fe80::1"]), ("%25", []), ("_", []), ("nothing", [])]
)
def test_the_search_finds_a_part_of_the_sender(client: Client, typed: str, found: list[str]) -> None:
    make_stray("16CEC506")
    make_stray("fe80::1", StrayReason.MALFORMED)
    assert senders(client, f"?q={typed}") == found


@pytest.mark.parametrize("query", ["?reason=wrong", "?ignored=wrong", "?q=%00"])
def test_a_wrong_filter_is_circled_and_nothing_is_shown(client: Client, query: str) -> None:
    make_stray("A")
    page = parse(client.get(URL + query))
    assert label(page, query[1:].partition("=")[0]).get("class") == "wrong"
    assert texts(page, ".//td[@class='empty']") == ["A filter is wrong, so nothing is shown. See what it says."]


def test_an_empty_list_says_that_all_is_well_unless_filters_made_it_so(client: Client) -> None:
    make_stray("A", ignored=True)
    said = [text(with_class(parse(client.get(URL + query)), "empty")[0]) for query in ("", "?reason=&q=", "?q=x")]
    well = "All is well: every frame that came in belongs to a concentrator, or is ignored."
    assert said == [well, well, "No stray frame matches. Change the filters."]


def test_a_page_costs_a_few_queries_however_much_there_is(
    client: Client, chile: Company, django_assert_max_num_queries: object
) -> None:
    for number in range(60):
        one = ConcentratorFactory.create(company=chile)
        make_stray(one.serial_number, StrayReason.REMOVED if number % 2 else StrayReason.UNKNOWN)
    with django_assert_max_num_queries(9):  # type: ignore[operator]
        client.get(URL + "?per_page=50")


def test_what_a_removed_concentrator_sends_is_shown_to_its_company_alone(client: Client, removed: Concentrator) -> None:
    make_stray(removed.serial_number, StrayReason.REMOVED)
    make_stray(StrayFrame.OTHERS, StrayReason.REMOVED)
    peru = client_of(make_user("peru", CompanyFactory.create(), permissions=(VIEW, CHANGE)))
    strays = [make_stray("A", StrayReason.UNKNOWN), make_stray("C", StrayReason.MALFORMED)]
    assert sorted(senders(client)) == ["A", "C", "REMOVED1"]
    assert sorted(senders(peru)) == ["A", "C"]
    assert [peru.get(reverse("wakeup:stray", args=[stray.pk])).status_code for stray in strays] == [200, 200]


def test_a_superuser_sees_everything(admin_client: Client, removed: Concentrator) -> None:
    for sender in (removed.serial_number, StrayFrame.OTHERS, "DELETED"):
        make_stray(sender, StrayReason.REMOVED)
    assert sorted(senders(admin_client)) == [StrayFrame.OTHERS, "DELETED", "REMOVED1"]


def test_who_is_not_signed_in_is_asked_to(db: None) -> None:
    stray = make_stray()
    for address in (URL, *(reverse(f"wakeup:{view}", args=[stray.pk]) for view in ALL_OF_ONE)):
        for response in (Client().get(address), Client().post(address)):
            assert (response.status_code, response["Location"]) == (302, f"{reverse('login')}?next={address}")
    assert StrayFrame.objects.get().ignored is False


ALL_OF_ONE = {"stray": VIEW, "ignore-stray": CHANGE, "create-from-stray": ADD}


def test_a_viewer_looks_and_changes_nothing(chile: Company) -> None:
    client, stray = client_of(make_viewer(chile)), make_stray()
    assert client.get(URL).status_code == 200
    for view, needed in ALL_OF_ONE.items():
        expected = 200 if needed == VIEW else 403
        assert client.get(reverse(f"wakeup:{view}", args=[stray.pk])).status_code == expected
    assert StrayFrame.objects.get().ignored is False


def test_who_has_no_permission_may_nothing(chile: Company) -> None:
    client, stray = client_of(make_user("nobody", chile)), make_stray()
    for address in (URL, *(reverse(f"wakeup:{view}", args=[stray.pk]) for view in ALL_OF_ONE)):
        assert (client.get(address).status_code, client.post(address).status_code) == (403, 403)
    assert StrayFrame.objects.get().ignored is False


@pytest.mark.parametrize("permission", ALL_OF_ONE.values())
def test_a_permission_opens_its_pages_and_no_other(chile: Company, permission: str) -> None:
    client, stray = client_of(make_user("one", chile, permissions=(permission,))), make_stray()
    addresses = {view: reverse(f"wakeup:{view}", args=[stray.pk]) for view in ALL_OF_ONE}
    opened = {view for view, address in addresses.items() if client.get(address).status_code != 403}
    assert opened == {view for view, needed in ALL_OF_ONE.items() if needed == permission}
    assert (client.get(URL).status_code == 200) == (permission == VIEW)


@pytest.mark.parametrize(
    ("sender", "reason", "offered"),
    [
        (SERIAL, StrayReason.UNKNOWN, "Create concentrator Ignore"),
        (StrayFrame.OTHERS, StrayReason.UNKNOWN, "Ignore"),
        ("REMOVED1", StrayReason.REMOVED, "Show concentrator Ignore"),
        ("REMOVED1", StrayReason.UNKNOWN, "Show concentrator Ignore"),
        ("10.20.30.40", StrayReason.MALFORMED, "Ignore"),
    ],
)
def test_a_row_offers_what_can_be_done(
    client: Client, removed: Concentrator, sender: str, reason: StrayReason, offered: str
) -> None:
    stray = make_stray(sender, reason)
    assert actions(client) == [offered]
    found = links(parse(client.get(URL)))
    if "Show" in offered:
        assert found["Show concentrator"] == reverse("concentrator:page", args=["REMOVED1"])
        assert "REMOVED1" in text(parse(client.get(found["Show concentrator"])))
    assert found.get("Create concentrator", "") == (
        reverse("wakeup:create-from-stray", args=[stray.pk]) if "Create" in offered else ""
    )


def test_who_may_only_look_is_offered_nothing_to_do(chile: Company, removed: Concentrator) -> None:
    stray, _ = make_stray(ignored=True), make_stray(removed.serial_number, StrayReason.REMOVED)
    client = client_of(make_user("looker", chile, permissions=(VIEW,)))
    assert sorted(actions(client)) == ["", "Show concentrator"]
    dialog = parse(client.get(reverse("wakeup:stray", args=[stray.pk]), headers=HTMX))
    assert texts(dialog, ".//footer//button") == ["Close"]


def test_the_dialog_shows_facts_the_frame_in_words_and_its_bytes(client: Client) -> None:
    stray = make_stray(count=7, last_at=AT + timedelta(hours=1))
    dialog = parse(client.get(reverse("wakeup:stray", args=[stray.pk]), headers=HTMX))
    assert texts(dialog, ".//dd") == [
        *[SERIAL, "unknown serial number", "keepalive", "7"],
        *["3/14/2026 7:15:00 AM", "3/14/2026 8:15:00 AM", "10.20.30.40"],
    ]
    lines = texts(dialog, ".//li")
    assert "octet-string 0-1:25.9.0.255 (push setup, keepalive)" in lines
    assert f"message keepalive device id {SERIAL}" in lines
    assert texts(dialog, ".//li//li//li")[0] == f'octet-string "{SERIAL}"'
    dump = dialog.find(".//pre")
    assert dump is not None
    assert "".join(dump.itertext()).startswith("0000  00 01 00 01 00 01 00 22  0f 40 00 00 01 00 02 02  ......")
    assert texts(dialog, ".//footer//button") == ["Close", "Ignore"]
    assert "Create concentrator" in links(dialog)


def test_the_dialog_is_a_page_of_its_own_without_scripts(client: Client) -> None:
    stray = make_stray("10.20.30.40", StrayReason.MALFORMED, last_bytes=b"\x00\x02")
    page = parse(client.get(reverse("wakeup:stray", args=[stray.pk])))
    assert links(page)["Back to the list"] == URL
    assert texts(page, ".//li/strong") == ["refused"]
    assert "refused the wrapper's version is 0002, not 0001" in texts(page, ".//main//li")


@pytest.mark.parametrize("pk", [1, 2**31, 2**63, 10**30])
def test_a_row_that_is_not_there_is_not_found(client: Client, pk: int) -> None:
    assert client.get(reverse("wakeup:stray", args=[pk])).status_code == 404
    assert client.get(reverse("wakeup:create-from-stray", args=[pk])).status_code == 404


def test_whatever_a_sender_sends_is_text_and_never_markup(client: Client) -> None:
    telegram = b'/<img src=x onerror=alert(1)>\r\n\r\n"><script>alert(1)</script>\r\n!'
    stray = make_stray(HOSTILE, detail="<img src=x onerror=alert(1)>", last_bytes=telegram)
    pages = {
        "list": client.get(f"{URL}?q=%3Cscript"),
        "show": client.get(reverse("wakeup:stray", args=[stray.pk])),
        "create": client.get(reverse("wakeup:create-from-stray", args=[stray.pk])),
        "message": client.post(reverse("wakeup:ignore-stray", args=[stray.pk]), follow=True),
    }
    for name, response in pages.items():
        page = parse(response)
        assert not [script for script in page.iter("script") if "src" not in script.attrib], name
        assert page.find(".//img") is None, name
    assert HOSTILE in text(parse(pages["list"]))
    assert HOSTILE in text(parse(pages["message"]))
    assert '"\\"><script>' not in pages["show"].content.decode()
    assert field(parse(pages["create"]), "serial_number").get("value") == HOSTILE
