"""A file of meters is uploaded, looked at and confirmed (MET-2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from concentrators.meters.importing import taking
from concentrators.meters.upload import service
from concentrators.models import Company, Meter, MeterFile, MeterFileRow, MeterList, Sighting
from smmeplus.common.progress import no_progress
from smmeplus.roles import OPERATOR, VIEWER
from tests.concentrators.upload.test_upload import text_of
from tests.factories import CompanyFactory, ConcentratorFactory
from tests.smmeplus.test_roles import member
from tests.smmeplus.users import client_of
from wakeup.models import StrayFrame

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

URL = "/meter-files/"
LIST = b"concentrator;meter;state;last_seen\nC1;M1;2;\nC1;M2;1;\nC1;M3;9;\n"
NEXT = b"concentrator;meter;state\nC1;M1;0\nC1;M4;2\nX1;M9;2\n"


@pytest.fixture
def chile() -> Company:
    made = CompanyFactory.create(name="Chile")
    ConcentratorFactory.create(serial_number="C1", company=made)
    return made


@pytest.fixture
def operator(chile: Company) -> User:
    return member(OPERATOR, chile)


def kept_of(user: User, content: bytes, *, whole: bool = False, now: datetime | None = None) -> MeterFile:
    company = Company.objects.get(users=user)
    kept = service.keep("list.csv", company=company, user=user, whole=whole, now=now or timezone.now())
    service.preview(kept, content, no_progress)
    return kept


def taken(kept: MeterFile) -> MeterFile:
    service.confirm(kept, now=timezone.now(), progress=no_progress)
    return kept


def page_of(kept: MeterFile, query: str = "") -> str:
    return client_of(kept.user).get(f"{URL}{kept.pk}/{query}").content.decode()


def test_nothing_is_written_before_the_confirmation(operator: User) -> None:
    kept = kept_of(operator, LIST)
    assert not Meter.objects.exists()
    assert not MeterList.objects.exists()
    taken(kept)
    assert list(Sighting.objects.order_by("meter__name").values_list("meter__name", "state")) == [
        *(("M1", 2), ("M2", 1)),
        ("M3", None),
    ]
    assert MeterList.objects.get().received_by == operator


def test_the_preview_shows_what_changes_from_what_to_what(operator: User) -> None:
    taken(kept_of(operator, LIST))
    kept = kept_of(operator, NEXT, whole=True)
    page = page_of(kept)
    for said in ("State: active → permanent failure", ">M4<", "gone", "list.csv", "X1"):
        assert said in page
    assert kept.rows.count() == 4  # M1 changed, M4 new, M2 and M3 gone
    assert "M1" not in page_of(kept, "?kind=5").split('id="list"')[1]
    assert "M4" in page_of(kept, "?kind=5").split('id="list"')[1]
    found = page_of(kept, "?q=m4").split('id="list"')[1]
    assert ("M4" in found, "M2" in found) == (True, False)


def test_the_date_of_a_list_is_shown_by_the_clocks_of_the_company(operator: User) -> None:
    page = page_of(kept_of(operator, LIST, now=datetime(2026, 4, 5, 2, 30, tzinfo=UTC)))
    assert '<td class="moment">4/4/2026 11:30:00 PM</td>' in page


def test_faults_are_shown_and_cost_no_other_row(operator: User) -> None:
    kept = kept_of(operator, LIST)
    assert (kept.counts["new"], kept.counts["fault"]) == (3, 1)
    assert "state: One of" in page_of(kept, "?kind=6")


def test_an_unknown_concentrator_comes_to_the_inbox_with_the_confirmation(operator: User) -> None:
    kept = kept_of(operator, b"concentrator;meter\nX1;M9\n")
    assert not StrayFrame.objects.exists()
    assert "Keep for the unknown senders" in page_of(kept)
    taken(kept)
    assert StrayFrame.objects.get().sender == "X1"


def test_a_second_confirmation_does_nothing(operator: User) -> None:
    kept = taken(kept_of(operator, LIST))
    before = list(Sighting.objects.values_list())
    with pytest.raises(ValidationError, match="taken already"):
        taken(kept)
    assert list(Sighting.objects.values_list()) == before
    assert "Taken: 3 new" in page_of(kept)
    assert bytes(MeterFile.objects.get().content) == b""


def test_what_has_changed_since_the_preview_is_told_and_shown(operator: User) -> None:
    first, second = kept_of(operator, LIST), kept_of(operator, LIST.replace(b"M1;2", b"M1;0"))
    taken(first)
    with pytest.raises(ValidationError, match="changed since"):
        taken(second)
    assert Sighting.objects.get(meter__name="M1").state == 2
    assert second.rows.get(kind=3).says == [["state", 2, 0]]
    taken(second)
    assert Sighting.objects.get(meter__name="M1").state == 0


def test_when_the_database_fails_half_way_the_file_is_uploaded_again(
    operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = kept_of(operator, LIST)

    def fail(*_arguments: object) -> None:
        raise OperationalError("away")

    with monkeypatch.context() as patched:
        patched.setattr(taking, "store_list", fail)
        with pytest.raises(ValidationError, match="Upload the file again"):
            taken(kept)
    assert MeterFile.objects.get().busy_at is None
    taken(kept)


def test_the_same_file_again_has_nothing_to_take(operator: User) -> None:
    taken(kept_of(operator, LIST))
    assert "There is nothing to take." in page_of(kept_of(operator, LIST))


def test_a_master_file_is_told_by_its_columns(operator: User) -> None:
    kept = kept_of(operator, b"meter;type;expected_concentrator\nM1;T;C1\n")
    assert "Take this master file" in page_of(kept)
    assert "Expected concentrator: C1" in page_of(kept)
    taken(kept)
    assert Meter.objects.values_list("name", "type", "expected_concentrator__serial_number").get() == ("M1", "T", "C1")


@pytest.mark.parametrize("content", [b"", b"nothing\n", b"<html></html>", b"\0", b"PK\3\4"])
def test_of_what_is_no_file_of_meters_nothing_stays(operator: User, content: bytes) -> None:
    with pytest.raises(ValidationError):
        kept_of(operator, content)
    assert not MeterFile.objects.exists()


def test_one_file_at_a_time_for_a_user(operator: User, chile: Company) -> None:
    kept = kept_of(operator, LIST)
    MeterFile.objects.update(busy_at=timezone.now())
    with pytest.raises(ValidationError, match="is being worked on"):
        kept_of(operator, NEXT)
    with pytest.raises(ValidationError, match="is being worked on"):
        taken(kept)
    MeterFile.objects.update(busy_at=timezone.now() - MeterFile.BUSY)  # its process has died
    taken(kept)


def test_what_was_not_confirmed_for_a_day_goes(operator: User) -> None:
    kept_of(operator, LIST, now=timezone.now() - MeterFile.KEPT - timedelta(seconds=1))
    kept = kept_of(operator, NEXT)
    assert list(MeterFile.objects.all()) == [kept]
    assert not MeterFileRow.objects.exclude(file=kept).exists()


def test_who_does_not_belong_to_the_company_any_more_sees_and_does_nothing(operator: User, chile: Company) -> None:
    kept = kept_of(operator, LIST)
    chile.users.clear()
    client = client_of(operator)
    assert client.get(f"{URL}{kept.pk}/").status_code == 404
    assert client.post(f"{URL}{kept.pk}/").status_code == 404


def test_a_file_is_for_who_has_uploaded_it(operator: User, chile: Company) -> None:
    kept = kept_of(operator, LIST)
    other = User.objects.create_user("other")
    other.groups.add(*operator.groups.all())
    chile.users.add(other)
    assert client_of(other).get(f"{URL}{kept.pk}/").status_code == 404


@pytest.mark.parametrize("path", ["", "template/", "template/master/"])
def test_a_viewer_uploads_nothing(chile: Company, path: str) -> None:
    client = client_of(member(VIEWER, chile))
    assert client.get(URL + path).status_code == 403
    assert client.post(URL + path).status_code in (403, 405)


@pytest.mark.parametrize("path", ["template/", "template/master/"])
def test_a_template_can_be_uploaded(operator: User, path: str) -> None:
    ConcentratorFactory.create(serial_number="16CEC50610036665", company=Company.objects.get())
    content = client_of(operator).get(URL + path).content
    kept = kept_of(operator, content)
    assert (kept.counts["new"], kept.counts["fault"]) == (1, 0)


def test_a_page_takes_few_queries_at_any_size(operator: User, django_assert_max_num_queries: Any) -> None:
    rows = b"".join(b"C1;M%d;9\n" % number for number in range(300))
    kept = kept_of(operator, b"concentrator;meter;state\n" + rows)
    client = client_of(operator)
    client.get(f"{URL}{kept.pk}/")
    with django_assert_max_num_queries(9):
        client.get(f"{URL}{kept.pk}/?per_page=250")


@pytest.mark.django_db(transaction=True)  # the checking and writing are a thread's, with a connection of its own
def test_through_the_pages(client: Client, operator: User, chile: Company) -> None:
    client.force_login(operator)
    file = SimpleUploadedFile("list.csv", LIST)
    page = text_of(client.post(URL, {"company": chile.pk, "file": file, "whole": "on"}))
    url = page.split('data-go href="')[1].split('"')[0]
    assert "Take 1 list" in client.get(url).content.decode()
    assert "data-go" in text_of(client.post(url))
    assert MeterList.objects.get().whole
    refused = text_of(client.post(URL, {"company": chile.pk, "file": SimpleUploadedFile("a.csv", b"nothing\n1\n")}))
    assert "Missing in the header: concentrator, meter." in refused
