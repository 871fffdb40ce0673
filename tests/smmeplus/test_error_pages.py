"""What users see when a page is not for them, not there, or broken."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string
from django.test import Client

from tests.factories import CompanyFactory, ConcentratorFactory
from tests.smmeplus.users import client_of, make_operator, make_viewer

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


def test_a_page_that_is_not_there_says_so_in_the_frame() -> None:
    response = client_of(make_viewer()).get("/nowhere/")
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()
    assert "frame-header" in response.content.decode()


def test_a_page_that_is_not_for_the_user_says_so_in_the_frame() -> None:
    response = client_of(make_viewer()).get("/profiles/add/")
    assert response.status_code == 403
    assert "You may not do this" in response.content.decode()


def test_the_page_of_a_failure_needs_neither_database_nor_user() -> None:
    assert "Nothing was changed" in render_to_string("500.html")


def test_the_admin_site_has_no_sign_in_of_its_own() -> None:
    response = Client().get("/admin/login/?next=/admin/")
    assert response["Location"] == "/sign-in/?next=/admin/"


def test_whoever_is_signed_in_and_no_staff_is_told_so_by_the_admin_site() -> None:
    response = client_of(make_operator()).get("/admin/", follow=True)
    assert (response.status_code, response.redirect_chain) == (403, [("/admin/login/?next=/admin/", 302)])
    assert "You may not do this" in response.content.decode()


def test_thousands_of_boxes_ticked_one_by_one_are_taken() -> None:
    company = CompanyFactory.create()
    one = ConcentratorFactory.create(company=company)
    response = client_of(make_operator(company)).post(
        "/concentrators/installation/", {"concentrator": [one.pk, *range(10**6, 10**6 + 2_000)]}
    )
    assert response.status_code == 200
