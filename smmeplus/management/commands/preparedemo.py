from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from concentrators.demo import COMPANY
from concentrators.models import Company
from smmeplus.common.commands.quiet import QuietCommand
from smmeplus.demo.keys import give_keys
from smmeplus.demo.meters import MeterPast
from smmeplus.demo.past import load_demo
from smmeplus.demo.scenario import scenario
from smmeplus.demo.starting import (
    CannotStartError,
    alone,
    check_ports,
    close_to_others,
    note_listener_port,
    ports_wanted,
)
from smmeplus.demo.story import Story

USER_NAME = "admin"
LOOK_FIRST = """
  Look first at Technical area, Monitoring: who is silent, since when, and whose fault it is. Changes of status and
  unknown senders are beside it, and 30 days of wake-ups in Report, Monitoring.
"""


class Command(QuietCommand):
    help = "Prepare the database of `make run`: the demo company Chile with its past and a user, unless they are there."
    requires_migrations_checks = False

    def handle(self, **_options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(
                "This makes a superuser whose name is known, and prints the password: only `make run` may, whose "
                "environment has DEMO=true."
            )
        var = Path(settings.BASE_DIR, "var")
        var.mkdir(mode=0o700, exist_ok=True)
        if opened := close_to_others(var):
            self.stdout.write(f"{opened} of {var} could be read by every user of this machine; now only by you.")
        try:
            ports = ports_wanted()
            where = f"http://127.0.0.1:{ports['PORT']}/"
            with alone(var / "demo.lock", where):
                self._prepare(var, check_ports(ports))
        except CannotStartError as error:
            raise CommandError(str(error)) from error
        password = self._password(var / "demo-password")
        self.stdout.write(f"\n  {where}   user {USER_NAME}   password {password}\n{LOOK_FIRST}\n")

    def _prepare(self, var: Path, ports: Mapping[str, int]) -> None:
        if "ENV_FILE" in os.environ:
            note_listener_port(Path(os.environ["ENV_FILE"]), ports["LISTENER_PORT"])
        call_command("migrate", verbosity=0)
        if not Company.objects.filter(name=COMPANY).exists():
            self.stdout.write(f"Playing 30 days of the demo company {COMPANY} …")
            now = timezone.now()
            load_demo(now=now, port=ports["LISTENER_PORT"])
            company = Company.objects.get(name=COMPANY)
            MeterPast(company, Story(), now).leave(var / "meters")
            if settings.CONFIGURATION_KEYS:
                give_keys(company, now)
        (var / "demo-scenario").write_text(scenario(timezone.now()))

    def _password(self, kept: Path) -> str:
        """The demo user's password, made once and kept beside the database in a file that only its owner can read."""
        user, is_new = User.objects.get_or_create(username=USER_NAME, defaults={"is_staff": True, "is_superuser": True})
        if kept.exists() and not is_new and user.check_password(kept.read_text().strip()):
            return kept.read_text().strip()
        if not is_new:
            return "as you set it"
        password = secrets.token_urlsafe(9)
        user.set_password(password)
        user.save()
        kept.touch(mode=0o600)
        kept.write_text(password + "\n")
        return password
