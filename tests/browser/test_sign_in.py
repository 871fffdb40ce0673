"""The way in and out by the form (ACC-1), in a browser."""

from django.contrib.auth.models import User
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.support.accessibility import check_accessible


def sign_in_by_form(page: Page, name: str, password: str) -> None:
    page.goto(reverse("login"))
    page.get_by_label("User name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_the_form_lets_a_user_in_and_the_header_says_who_it_is(page: Page, administrator: User) -> None:
    sign_in_by_form(page, "administrator", "administrator")
    expect(page.get_by_role("banner")).to_contain_text("administrator")


def test_a_wrong_password_is_said_and_lets_nobody_in(page: Page, administrator: User) -> None:
    sign_in_by_form(page, "administrator", "Administrator")
    expect(page.get_by_role("alert")).to_contain_text("do not match")
    expect(page.get_by_label("User name")).to_have_value("administrator")
    expect(page.get_by_label("Password")).to_have_value("")
    page.goto(reverse("home"))
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_who_signs_out_is_back_at_the_form(signed_in_page: Page) -> None:
    signed_in_page.goto(reverse("home"))
    signed_in_page.get_by_role("button", name="Sign out").click()
    expect(signed_in_page.get_by_role("heading", name="Sign in")).to_be_visible()
    signed_in_page.goto(reverse("home"))
    expect(signed_in_page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_the_form_is_accessible_with_and_without_a_complaint(page: Page) -> None:
    page.goto(reverse("login"))
    check_accessible(page)
    sign_in_by_form(page, "nobody", "wrong")
    expect(page.get_by_role("alert")).to_be_visible()
    check_accessible(page)
