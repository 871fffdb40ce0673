from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError

from smmeplus.common.commands.quiet import QuietCommand
from smmeplus.people.resetting import reset_second_factor


class Command(QuietCommand):
    help = "Take away a user's second factor, whose phone is lost, and end their sessions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="with which they sign in")

    def handle(self, **options: Any) -> None:
        user = User.objects.filter(username=options["name"]).first()
        if user is None:
            raise CommandError(f"There is no user with the name “{options['name']}”.")
        if not reset_second_factor(user, None):
            raise CommandError(f"{user.username} has none.")
        self.stdout.write(f"The second factor of {user.username} was taken away, and their sessions have ended.")
