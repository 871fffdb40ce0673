from __future__ import annotations

import getpass
import os
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import Group, User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError
from django.db import transaction

from concentrators.finding import find_company
from concentrators.models import Company
from smmeplus.common.commands.quiet import QuietCommand
from smmeplus.people.resetting import demand_new_password
from smmeplus.roles import ADMINISTRATOR, ROLES


def role_named(text: str) -> str:
    """The role, in whatever case it is written."""
    return text.capitalize()


class Command(QuietCommand):
    help = (
        "Add a user with a role and the companies that they see. The password is asked for, or read from the variable "
        "NEW_USER_PASSWORD; they choose their own at the first sign-in. A user who exists gets the role and the "
        "companies as well, and keeps their password."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="with which they sign in")
        parser.add_argument("--role", type=role_named, choices=list(ROLES), required=True)
        parser.add_argument(
            "--company", action="append", default=[], metavar="NAME", help="whose data they see; may be given again"
        )

    def handle(self, **options: Any) -> None:
        companies = [find_company(name) for name in options["company"]]
        if not companies:
            raise CommandError("Nobody sees anything without a company: add --company NAME, once for each.")
        user = User.objects.filter(username=options["name"]).first()
        is_new = user is None
        user = user or _new_user(options["name"])
        with transaction.atomic():
            user.save()
            _give(user, options["role"], companies)
            if is_new:
                demand_new_password(user)
        what = "was added" if is_new else "was there already, and keeps their password"
        names = ", ".join(company.name for company in companies)
        self.stdout.write(f"{user.username} {what}: {options['role']} of {names}.")


def _new_user(name: str) -> User:
    """Not stored yet. Raises CommandError if the name or the password is refused."""
    user = User(username=name)
    try:
        user.full_clean(exclude=["password"])
        password = _password()
        validate_password(password, user)
    except ValidationError as error:
        raise CommandError(" ".join(error.messages)) from error
    user.set_password(password)
    return user


def _give(user: User, role: str, companies: Sequence[Company]) -> None:
    """One role at a time: of two the one that may do more would count."""
    user.groups.remove(*Group.objects.filter(name__in=ROLES))
    user.groups.add(Group.objects.get(name=role))
    user.companies.add(*companies)
    if role == ADMINISTRATOR and not user.is_staff:
        user.is_staff = True  # which opens the admin site
        user.save(update_fields=["is_staff"])


def _password() -> str:
    given = os.environ.get("NEW_USER_PASSWORD")
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise CommandError("There is no terminal to ask for the password: set NEW_USER_PASSWORD.")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Password (again): ") != password:
        raise CommandError("The two passwords differ. Nothing was added.")
    return password
