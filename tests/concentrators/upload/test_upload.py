"""Upload installation file: upload, preview, confirmation (CON-5)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta

import openpyxl
import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import StreamingHttpResponse
from django.test import Client
from django.utils import timezone

from concentrators.importing import COLUMN_NAMES, reading, writing
from concentrators.models import Company, Concentrator, InstallationFile, State
from concentrators.procedures.held import hold_procedure
from profiles.models import ProcedureProfile
from tests import ROOT
from tests.factories import CompanyFactory, ConcentratorFactory, ProcedureProfileFactory, SpontaneousProfileFactory
from tests.smmeplus.users import make_user

# The checking and writing are a thread's, with a connection of its own.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]

SAMPLES = ROOT / "tests" / "samples"
DEMO = ROOT / "concentrators" / "demo" / "installation-chile.csv"
RIGHTS = ("concentrators.add_concentrator", "concentrators.change_concentrator")


@pytest.fixture
def chile() -> Company:
    ConcentratorFactory.create(serial_number="SEED1", company=CompanyFactory.create(name="Peru"))
    return CompanyFactory.create(name="Chile")


@pytest.fixture
def operator(chile: Company) -> User:
    return make_user("operator", chile, permissions=RIGHTS)


def text_of(response: object) -> str:
    assert isinstance(response, StreamingHttpResponse)
    return b"".join(response.streaming_content).decode()  # type: ignore[arg-type] # a synchronous stream


def upload(client: Client, company: Company, content: bytes, name: str = "file.csv") -> str:
    file = SimpleUploadedFile(name, content)
    return text_of(client.post("/concentrators/upload/", {"company": company.pk, "file": file}))


def previewed(client: Client, company: Company, content: bytes) -> str:
    """The address of the preview that an upload leads to."""
    page = upload(client, company, content)
    assert "data-go" in page, page
    return page.split('data-go href="')[1].split('"')[0]


def confirm(client: Client, url: str, **data: str) -> str:
    return text_of(client.post(url, data))


def test_the_demo_file_goes_from_upload_to_inventory(client: Client, chile: Company, operator: User) -> None:
    url = previewed(client, chile, DEMO.read_bytes())
    assert not Concentrator.objects.filter(company=chile).exists(), "nothing before the confirmation"
    page = client.get(url).content.decode()
    assert "<strong>90</strong> new" in page
    assert "Write 90 rows" in page
    confirm(client, url)
    assert Concentrator.objects.filter(company=chile, state=State.AVAILABLE).count() == 90
    assert "Written: 90 new, 0 changed" in client.get(url).content.decode()
    change = Concentrator.history.filter(serial_number="16CEC50610036665").get()
    assert change.history_user == operator


def test_a_file_with_errors_shows_every_one_and_writes_only_when_told(client: Client, chile: Company) -> None:
    url = previewed(client, chile, (SAMPLES / "installation-errors.csv").read_bytes())
    page = client.get(url).content.decode()
    for line in (3, 4, 5, 6, 7, 8):
        assert f'<td class="number">{line}</td>' in page
    assert "10.60.300.1" in page
    assert "2 good rows" in page
    assert "rows have errors; nothing was written" in confirm(client, url)
    assert not Concentrator.objects.filter(company=chile).exists()
    confirm(client, url, only_good_rows="yes")
    assert set(Concentrator.objects.filter(company=chile).values_list("serial_number", flat=True)) == {
        "16CEC50610036665",
        "16CEC50610099903",
    }


def test_the_errors_download_as_a_file_without_formulas(client: Client, chile: Company) -> None:
    url = previewed(client, chile, (SAMPLES / "installation-errors.csv").read_bytes())
    response = client.get(f"{url}errors/")
    text = response.content.decode("utf-8-sig")
    assert text.startswith("line,column,value,reason")
    assert "6,management_ip,10.60.300.1," in text
    assert "6,customers,'-3," in text
    assert "'=HYPERLINK" in text
    assert 'filename="errors.csv"' in response["Content-Disposition"]


def test_a_row_with_a_profile_is_installed(client: Client, chile: Company) -> None:
    profile = SpontaneousProfileFactory.create(name="Wake up SMMePlus 10 min")
    for serial in ("16CEC50610036665", "16CEC50610036655", "16CEC50610036798"):
        ConcentratorFactory.create(serial_number=serial, company=chile)
    url = previewed(client, chile, (SAMPLES / "installation-excel.csv").read_bytes())
    assert "<strong>3</strong> to install" in client.get(url).content.decode()
    confirm(client, url)
    assert Concentrator.objects.filter(company=chile, state=State.IN_FIELD, profile=profile).count() == 3


def test_the_template_uploads_again(client: Client, chile: Company) -> None:
    template = client.get("/concentrators/upload/template/").content
    assert template.decode("utf-8-sig").splitlines()[0] == ",".join(COLUMN_NAMES)
    assert "<strong>1</strong> new" in client.get(previewed(client, chile, template)).content.decode()


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(9):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", bytes(50 * 2**20))
    return packed.getvalue()


def sheet_with_a_formula() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["serial_number", "customers"])  # type: ignore[union-attr]
    book.active.append(["A1", "=1+1"])  # type: ignore[union-attr]
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\n\n", "The file is empty"),
        (b"serial_number\n", "nothing below its header"),
        (bytes(range(256)) * 10, "neither a CSV nor an XLSX"),
        (b"serial_number\n\xf1\xf1\n", "not in UTF-8"),
        (b"serial_number,serial_number\nA,B\n", "Twice in the header"),
        (b"type\nCERCO1\n", "Missing in the header"),
        (b"PK\x03\x04 no zip at all", "not an XLSX file, or a damaged one"),
        (b"serial_number\n" + b"A\n" * 4, "more than 3 rows"),
        (bomb, "unpacks to more than"),
    ],
    ids=["empty", "header only", "binary", "encoding", "twice", "missing", "no zip", "too many", "bomb"],
)
def test_what_is_no_installation_file_gets_a_sentence(
    client: Client, chile: Company, content: bytes | Callable[[], bytes], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_ROWS", 3)
    page = upload(client, chile, content if isinstance(content, bytes) else content())
    assert sentence in page
    assert 'href="/concentrators/upload/"' in page, "the way back"


def test_a_formula_in_a_sheet_is_an_error_of_its_row(client: Client, chile: Company) -> None:
    page = client.get(previewed(client, chile, sheet_with_a_formula())).content.decode()
    assert "formula" in page
    assert "<strong>1</strong> rejected" in page


@pytest.mark.parametrize(("file", "sentence"), [(None, "Choose a file"), (b"", "The file is empty")])
def test_no_file_at_all_is_an_error_of_the_form(
    client: Client, chile: Company, file: bytes | None, sentence: str
) -> None:
    data: dict[str, object] = {"company": chile.pk}
    if file is not None:
        data["file"] = SimpleUploadedFile("file.csv", file)
    assert sentence in client.post("/concentrators/upload/", data).content.decode()


def test_a_second_confirmation_writes_nothing_twice(client: Client, chile: Company) -> None:
    url = previewed(client, chile, b"serial_number\nA1\n")
    confirm(client, url)
    assert "has been written already" in confirm(client, url)
    assert Concentrator.history.filter(serial_number="A1").count() == 1


def test_a_file_whose_check_did_not_come_to_its_end_cannot_be_confirmed(client: Client, chile: Company) -> None:
    url = previewed(client, chile, b"serial_number\nA1\n")
    InstallationFile.objects.update(counts={})
    assert "did not come to its end; upload it again" in confirm(client, url)
    assert not Concentrator.objects.filter(company=chile).exists()


def test_what_the_preview_called_unchanged_must_be_so_still(client: Client, chile: Company) -> None:
    ConcentratorFactory.create(serial_number="A2", company=chile, feeder="F2")
    url = previewed(client, chile, b"serial_number,feeder\nA1,F1\nA2,F2\n")
    Concentrator.objects.filter(serial_number="A2").update(feeder="F9")
    assert "Somebody else has changed the inventory" in confirm(client, url)
    assert not Concentrator.objects.filter(serial_number="A1").exists()


def test_when_the_inventory_has_changed_since_the_preview_nothing_is_written(client: Client, chile: Company) -> None:
    url = previewed(client, chile, b"serial_number\nA1\nA2\n")
    ConcentratorFactory.create(serial_number="A1", company=chile)
    assert "Somebody else has changed the inventory" in confirm(client, url)
    assert not Concentrator.objects.filter(serial_number="A2").exists()


def test_a_file_that_changes_nothing_offers_nothing_to_write(client: Client, chile: Company) -> None:
    ConcentratorFactory.create(serial_number="A1", company=chile)
    page = client.get(previewed(client, chile, b"serial_number\nA1\n")).content.decode()
    assert "There is nothing to write" in page


def test_nobody_elses_company_and_nobody_elses_file(client: Client, chile: Company) -> None:
    peru = Company.objects.get(name="Peru")
    response = client.post(
        "/concentrators/upload/", {"company": peru.pk, "file": SimpleUploadedFile("file.csv", b"serial_number\nA1\n")}
    )
    assert "Select a valid choice" in response.content.decode()
    assert (
        "This serial number is taken"
        in client.get(previewed(client, chile, b"serial_number\nSEED1\n")).content.decode()
    )
    url = previewed(client, chile, b"serial_number\nA1\n")
    stranger = Client()
    stranger.force_login(make_user("stranger", chile, permissions=RIGHTS))
    for address in (url, f"{url}errors/"):
        assert stranger.get(address).status_code == 404
    assert stranger.post(url).status_code == 404
    chile.users.clear()
    assert client.get(url).status_code == 404


def test_without_the_rights_there_is_no_upload(chile: Company) -> None:
    viewer = Client()
    viewer.force_login(make_user("viewer", chile))
    assert viewer.get("/concentrators/upload/").status_code == 403
    assert viewer.get("/concentrators/upload/template/").status_code == 403


def test_files_that_nobody_confirmed_are_forgotten_after_a_day(client: Client, chile: Company) -> None:
    previewed(client, chile, b"serial_number\nA1\n")
    InstallationFile.objects.update(uploaded_at=timezone.now() - timedelta(days=1, seconds=1))
    previewed(client, chile, b"serial_number\nA2\n")
    assert InstallationFile.objects.count() == 1


def test_a_file_is_carried_out_by_the_procedure_profile_chosen_on_its_preview(
    client: Client, chile: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    carried_out: list[ProcedureProfile | None] = []
    monkeypatch.setattr(writing, "hold_procedure", carried_out.append)
    careful = ProcedureProfileFactory.create(name="Careful")
    for number, data in enumerate([{"procedure": str(careful.pk)}, {"procedure": ""}, {}]):
        url = previewed(client, chile, f"serial_number\nA{number}\n".encode())
        assert f'<option value="{careful.pk}">Careful</option>' in client.get(url).content.decode()
        confirm(client, url, **data)
    assert carried_out == [careful, None, None]


@pytest.mark.parametrize("garbage", ["0", "x", "9" * 30])
def test_what_is_no_procedure_profile_writes_nothing_and_is_said_on_the_preview(
    client: Client, chile: Company, garbage: str
) -> None:
    url = previewed(client, chile, b"serial_number\nA1\n")
    page = client.post(url, {"procedure": garbage}).content.decode()
    assert "The procedure profile has been deleted meanwhile; choose another one." in page
    assert "Write 1 row<" in page
    assert not Concentrator.objects.filter(company=chile).exists()


def test_one_that_is_deleted_at_the_last_moment_writes_nothing(
    client: Client, chile: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    careful = ProcedureProfileFactory.create(name="Careful")
    real = hold_procedure

    def after_a_deletion(procedure: ProcedureProfile | None) -> ProcedureProfile:
        ProcedureProfile.objects.filter(pk=careful.pk).delete()
        return real(procedure)

    monkeypatch.setattr(writing, "hold_procedure", after_a_deletion)
    url = previewed(client, chile, b"serial_number\nA1\n")
    assert "check again" in confirm(client, url, procedure=str(careful.pk))
    assert not Concentrator.objects.filter(company=chile).exists()
