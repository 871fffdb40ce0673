"""What is kept of uploaded files, for how long, and one at a time for a user (CON-5)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from concentrators.importing import checking, storing
from concentrators.models import Company, Concentrator, InstallationFile, InstallationRow
from tests.concentrators.upload.test_upload import RIGHTS, confirm, previewed, upload
from tests.factories import CompanyFactory, ConcentratorTypeFactory
from tests.smmeplus.users import make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]


@pytest.fixture
def chile() -> Company:
    ConcentratorTypeFactory.create()
    return CompanyFactory.create(name="Chile")


@pytest.fixture
def operator(chile: Company) -> User:
    return make_user("operator", chile, permissions=RIGHTS)


def test_one_file_at_a_time_for_a_user(client: Client, chile: Company) -> None:
    first = previewed(client, chile, b"serial_number\nA1\n")
    InstallationFile.objects.update(busy_at=timezone.now(), name="large.csv")
    refused = {"company": chile.pk, "file": SimpleUploadedFile("second.csv", b"serial_number\nA2\n")}
    response = client.post("/concentrators/upload/", refused)
    assert "Your file “large.csv” for Chile is being worked on." in response.content.decode()
    assert InstallationFile.objects.count() == 1
    assert "is being worked on" in confirm(client, first)
    assert not Concentrator.objects.filter(company=chile).exists()
    InstallationFile.objects.update(busy_at=timezone.now() - InstallationFile.BUSY)  # its process has died
    confirm(client, previewed(client, chile, b"serial_number\nA2\n"))
    assert Concentrator.objects.filter(company=chile).count() == 1


def test_another_user_does_not_wait_for_it(client: Client, chile: Company) -> None:
    previewed(client, chile, b"serial_number\nA1\n")
    InstallationFile.objects.update(busy_at=timezone.now())
    other = Client()
    other.force_login(make_user("other", chile, permissions=RIGHTS))
    previewed(other, chile, b"serial_number\nA2\n")


@pytest.mark.parametrize("content", [b"serial_number\nA1\n", b"nothing\n", b"\x00"])
def test_afterwards_the_next_file_is_taken(client: Client, chile: Company, content: bytes) -> None:
    upload(client, chile, content)
    url = previewed(client, chile, b"serial_number\nA2\n")
    assert "rows have errors" not in confirm(client, url)
    assert not InstallationFile.objects.filter(busy_at__isnull=False).exists()
    previewed(client, chile, b"serial_number\nA3\n")


def test_the_rows_of_forgotten_files_go_in_batches(
    client: Client, chile: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "FORGOTTEN", 2)
    previewed(client, chile, b"serial_number\n" + b"".join(b"A%d\n" % number for number in range(5)))
    InstallationFile.objects.update(uploaded_at=timezone.now() - timedelta(days=1, seconds=1))
    previewed(client, chile, b"serial_number\nB1\n")
    assert list(InstallationRow.objects.values_list("serial_number", flat=True)) == ["B1"]


def test_of_a_file_that_was_refused_no_row_stays(
    client: Client, chile: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "BUFFERED", 1)
    upload(client, chile, b'serial_number\nA1\n"A2\n')
    assert not InstallationFile.objects.exists()
    assert not InstallationRow.objects.exists()
