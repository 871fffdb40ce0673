"""A body that is too long is refused before anything of it is stored (CON-5)."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.http import HttpRequest
from django.test import Client

from concentrators.models import Company, InstallationFile
from concentrators.upload.bodies import KEPT_BYTES, CountingHandler
from tests.factories import CompanyFactory
from tests.smmeplus.users import client_of, make_operator

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]

UPLOAD = "/concentrators/upload/"
METERS = "/meter-files/"
MB = 2**20
ABOVE_ALL = 3 * MB  # more than a page that takes no files takes


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that came into a temporary folder."""
    names: list[str] = []
    real = TemporaryFileUploadHandler.new_file

    def new_file(self: Any, *arguments: Any, **options: Any) -> None:
        real(self, *arguments, **options)
        if self.file:
            names.append(self.file.name)

    monkeypatch.setattr(TemporaryFileUploadHandler, "new_file", new_file)
    return names


@pytest.fixture
def company() -> Company:
    return CompanyFactory.create()


def send(client: Client, path: str, size: int, **data: Any) -> Any:
    return client.post(path, {**data, "file": SimpleUploadedFile("file.csv", bytes(size))})


@pytest.mark.parametrize(
    "path", ["/sign-in/", UPLOAD, METERS, "/", "/nothing/", "/api/v1/concentrators/", "/admin/login/"]
)
def test_of_a_stranger_no_file_is_taken_in(path: str, stored: list[str]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.get("/sign-in/")
    size, word = (
        (KEPT_BYTES, "Sign in, and") if path in (UPLOAD, METERS) else (ABOVE_ALL, "This page takes at most 2 MB.")
    )
    response = send(client, path, size, csrfmiddlewaretoken=client.cookies["csrftoken"].value)
    assert response.status_code == 413
    assert word in response.content.decode()
    assert stored == []


@pytest.mark.parametrize("path", ["/sign-in/", "/profiles/add/", "/concentrators/installation/"])
def test_of_a_user_a_file_is_taken_in_on_the_upload_pages_alone(path: str, company: Company, stored: list[str]) -> None:
    client = client_of(make_operator(company))
    assert send(client, path, ABOVE_ALL).status_code == 413
    assert stored == []
    assert send(client, UPLOAD, ABOVE_ALL).status_code == 200
    assert send(client, METERS, ABOVE_ALL).status_code == 200
    assert len(stored) == 2


def test_the_longest_file_is_a_setting(company: Company, settings: Any, stored: list[str]) -> None:
    settings.UPLOAD_MAX_MB = 4
    client = client_of(make_operator(company))
    assert "A file may have 4 MB" in client.get(UPLOAD).content.decode()
    assert send(client, UPLOAD, 4 * MB - 1_000).status_code == 200
    response = send(client, UPLOAD, 4 * MB)
    assert response.status_code == 413
    assert "This page takes at most 4 MB." in response.content.decode()
    assert f'href="{UPLOAD}"' in response.content.decode()
    assert len(stored) == 1
    assert not InstallationFile.objects.exists()


def test_what_comes_in_is_counted_whatever_length_was_stated(company: Company, settings: Any) -> None:
    settings.UPLOAD_MAX_MB = 1
    request = HttpRequest()
    request.path, request.session = UPLOAD, client_of(make_operator(company)).session
    handler = CountingHandler(request)
    handler.handle_raw_input(io.BytesIO(), {}, 0, b"")
    assert handler.receive_data_chunk(bytes(MB), 0) == bytes(MB)
    with pytest.raises(RequestDataTooBig):
        handler.receive_data_chunk(b"x", MB)


def test_small_forms_with_files_are_not_looked_at(company: Company) -> None:
    assert send(Client(), "/sign-in/", 1_000).status_code == 200
