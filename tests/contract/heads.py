"""The heads of the files that the product writes for others: exports, templates, reports of errors, mails."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils.text import slugify

from concentrators.models import Company
from tests.smmeplus.every_url import paths_without_arguments

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
WRONG = b"serial_number,customers\n16CEC50610036665,many\n"  # an installation file


def exported(client: Client) -> dict[str, str]:
    """Of every page without arguments that answers with a CSV file, always or when it is asked for an export."""
    found: dict[str, str] = {}
    for path in paths_without_arguments():
        if path.startswith(("/admin/", "/api/")):
            continue
        response = client.get(path, {"export": "csv"})
        if response.get("Content-Type", "").startswith("text/csv"):
            found[path] = _DAY.sub("DAY", head(b"".join(_content(response))))
        response.close()
    return found


def errors_of_upload(client: Client, company: Company) -> str:
    """Of the list of errors after a file was uploaded that has some."""
    file = SimpleUploadedFile("file.csv", WRONG)
    page = b"".join(_content(client.post(reverse("concentrators:upload"), {"company": company.pk, "file": file})))
    assert b"data-go" in page, page
    kept = apps.get_model("concentrators", "InstallationFile").objects.get()
    return head(client.get(reverse("concentrators:upload-errors", args=[kept.pk])).content)


def mailed(company: Company) -> dict[str, str]:
    """Of the files in the archive that the mail of a day brings along, by their names with neither company nor day."""
    mail.outbox.clear()
    call_command("sendreports", stdout=io.StringIO())
    ((_name, content, _type),) = mail.outbox[0].attachments
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {
            _DAY.sub("DAY", name).replace(slugify(company.name), "COMPANY"): head(archive.read(name))
            for name in archive.namelist()
        }


def head(content: bytes) -> str:
    return content.decode("utf-8-sig").splitlines()[0]


def _content(response: Any) -> Iterator[bytes]:
    pieces: Iterable[bytes] = response.streaming_content if response.streaming else [response.content]
    yield from pieces
