"""What is sent after the session has ended is kept for its user alone, and goes on after the sign-in (UI-9)."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from concentrators.models import Company, InstallationFile
from profiles.models import ProcedureProfile, SpontaneousProfile
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory
from tests.smmeplus.kept.browsers import (
    ADD,
    GO_ON,
    TYPED,
    end_session,
    go_on,
    interrupted,
    kept_rows,
    send,
    sign_in,
    signed_in,
    with_password,
)
from tests.smmeplus.translation.markup import alerts, field, parse

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def test_the_sign_in_says_that_the_session_has_ended_and_what_was_typed_is_kept(operator: User) -> None:
    client = interrupted(operator, ADD, TYPED)
    said = client.get(reverse("login", query={"next": ADD})).content.decode()
    assert "Your session has ended: sign in again to go on." in said
    assert "What you typed has been kept." in said
    assert TYPED["name"] not in said


def test_who_never_signed_in_here_is_told_nothing_of_a_session() -> None:
    assert "session has ended" not in Client().get(reverse("login", query={"next": ADD})).content.decode()


def test_after_the_sign_in_the_form_is_there_as_it_was_sent_and_nothing_is_stored(operator: User) -> None:
    client = interrupted(operator, ADD, TYPED)
    assert sign_in(client, operator)["Location"] == GO_ON
    shown = client.get(GO_ON)
    dialog = parse(shown)
    assert field(dialog, "name").get("value") == "Typed with care"
    assert 'value="20" selected' in shown.content.decode()
    assert f'action="{ADD}"' in shown.content.decode()
    assert "nothing has been stored yet" in shown.content.decode()
    assert not SpontaneousProfile.objects.exists()
    assert send(client, ADD, TYPED).status_code == 302
    assert SpontaneousProfile.objects.get().wakeup_period == 20


def test_a_wrong_value_is_said_at_once(operator: User) -> None:
    client = interrupted(operator, ADD, TYPED | {"name": "a#b"})
    sign_in(client, operator)
    assert "not allowed here: #" in client.get(GO_ON).content.decode()


def test_the_dialog_of_htmx_is_kept_like_the_page(operator: User) -> None:
    page = {"HX-Current-URL": "http://testserver/profiles/?sort=name"}
    client = interrupted(operator, ADD, TYPED, **{"HX-Request": "true"} | page)
    assert sign_in(client, operator)["Location"] == GO_ON
    behind = client.get(GO_ON).content.decode()
    assert f'hx-get="{GO_ON}" hx-target="#dialog" hx-trigger="load, click"' in behind
    assert 'href="/profiles/?sort=name"' in behind
    dialog = client.get(GO_ON, headers={"HX-Request": "true"})
    assert field(parse(dialog), "name").get("value") == "Typed with care"
    assert "<html" not in dialog.content.decode()
    without_scripts = client.get(GO_ON, {"page": ""})
    assert field(parse(without_scripts), "name").get("value") == "Typed with care"


def test_a_button_that_acts_at_once_asks_first_and_acts_once(operator: User, company: Company) -> None:
    one = ConcentratorFactory.create(company=company, state="removed")
    url = reverse("concentrator:make-available", args=[one.serial_number])
    client = interrupted(operator, url, {})
    sign_in(client, operator)
    assert "It has been kept, and nothing was done yet." in client.get(GO_ON).content.decode()
    one.refresh_from_db()
    assert one.state == "removed"
    assert go_on(client)["Location"] == reverse("concentrator:page", args=[one.serial_number])
    one.refresh_from_db()
    assert one.state == "available"
    type(one).objects.update(state="removed")
    again = client.post(GO_ON, {"csrfmiddlewaretoken": client.cookies["csrftoken"].value}, follow=True)
    assert "it was sent already" in again.content.decode()
    one.refresh_from_db()
    assert one.state == "removed"


def test_what_is_discarded_is_gone_and_the_page_is_shown(operator: User, company: Company) -> None:
    one = ConcentratorFactory.create(company=company, state="removed")
    page = {"Referer": "http://testserver/concentrators/?q=1"}
    client = interrupted(operator, reverse("concentrator:make-available", args=[one.serial_number]), {}, **page)
    sign_in(client, operator)
    assert go_on(client, discard="")["Location"] == "/concentrators/?q=1"
    assert not kept_rows()


def test_a_selection_is_kept_whole_and_its_question_asked_anew(operator: User, company: Company) -> None:
    ones = ConcentratorFactory.create_batch(3, company=company)
    profile = SpontaneousProfileFactory.create()
    url = reverse("concentrators:installation")
    chosen = {"concentrator": [str(one.pk) for one in ones], "profile": str(profile.pk), "confirmed": "3"}
    client = interrupted(operator, url, chosen, **{"HX-Request": "true"})
    sign_in(client, operator)
    page = client.get(GO_ON).content.decode()
    for one in ones:
        assert f'<input type="hidden" name="concentrator" value="{one.pk}">' in page
    assert f'hx-post="{url}"' in page
    assert "confirmed" not in page


def test_a_file_is_kept_with_its_form(operator: User, company: Company) -> None:
    url = reverse("concentrators:upload")
    file = SimpleUploadedFile("some.csv", b"serial_number\n16CEC50610036665\n", "text/csv")
    client = interrupted(operator, url, {"company": str(company.pk), "file": file}, page=url)
    sign_in(client, operator)
    assert "some.csv" in client.get(GO_ON).content.decode()
    assert not InstallationFile.objects.exists()
    assert go_on(client).streaming  # the work itself begins when it is read
    assert InstallationFile.objects.get().name == "some.csv"


def test_a_form_that_was_open_while_its_user_signed_in_anew_is_shown_again(operator: User) -> None:
    client = signed_in(operator)
    old = client.cookies["csrftoken"].value
    end_session(client)
    sign_in(client, operator)
    typed = TYPED | {"csrfmiddlewaretoken": old}
    answer = client.post(ADD, typed, headers={"Origin": "http://testserver"})
    assert answer["Location"] == GO_ON
    assert field(parse(client.get(GO_ON)), "name").get("value") == "Typed with care"
    part = client.post(ADD, typed, headers={"Origin": "http://testserver", "HX-Request": "true"})
    assert part["HX-Redirect"] == GO_ON
    assert not SpontaneousProfile.objects.exists()


def test_a_form_whose_thing_was_deleted_meanwhile_says_so(operator: User) -> None:
    profile = SpontaneousProfileFactory.create()
    client = interrupted(operator, reverse("profiles:change", args=[profile.pk]), TYPED)
    profile.delete()
    sign_in(client, operator)
    assert alerts(parse(client.get(GO_ON, follow=True))) != []


@pytest.mark.parametrize("name", ["profiles:delete", "procedures:delete", "procedures:default"])
def test_a_question_is_asked_again(administrator: User, name: str) -> None:
    kind = SpontaneousProfile if name.startswith("profiles") else ProcedureProfile
    facts = {"wakeup_ip": "10.0.0.1", "wakeup_period": 10} if kind is SpontaneousProfile else {}
    profile = kind.objects.create(name="Ten", **facts)
    url = reverse(name, args=[profile.pk])
    client = interrupted(with_password(administrator), url, {})
    sign_in(client, administrator)
    page = client.get(GO_ON).content.decode()
    assert "“Ten”" in page
    assert f'action="{url}"' in page
    profile.refresh_from_db()
    assert not getattr(profile, "is_default", False)


def test_a_page_of_the_admin_site_goes_on_after_a_question(administrator: User) -> None:
    client = signed_in(with_password(administrator))
    end_session(client)
    send(
        client,
        reverse("admin:concentrators_company_add"),
        {"name": "Perú", "time_zone": "America/Lima", "momentary_limit_min": "3"},
    )
    sign_in(client, administrator)
    assert "Perú" in client.get(GO_ON).content.decode()
    assert not Company.objects.filter(name="Perú").exists()
    assert go_on(client).status_code == 302
    assert Company.objects.filter(name="Perú").exists()


def test_signing_out_and_choosing_a_language_are_not_kept(operator: User) -> None:
    client = signed_in(operator)
    end_session(client)
    answer = send(client, reverse("logout"), {})
    assert answer["Location"] == f"{reverse('login')}?next=/x/"
    assert not kept_rows()
