from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from concentrators.demo import load_demo

USER_NAME = "admin"


class Command(BaseCommand):
    help = "Prepare the database of `make run`: the demo company Chile and a user, unless they are there."
    requires_migrations_checks = False

    def handle(self, **_options: Any) -> None:
        Path(settings.BASE_DIR, "var").mkdir(exist_ok=True)
        call_command("migrate", verbosity=0)
        with transaction.atomic():
            load_demo(now=timezone.now())
            password = self._password()
        port = os.environ.get("PORT", "8000")
        self.stdout.write(f"\n  http://127.0.0.1:{port}/   user {USER_NAME}   password {password}\n\n")

    def _password(self) -> str:
        """The demo user's password, made once and kept beside the database in a file that only its owner can read."""
        kept = Path(settings.BASE_DIR, "var", "demo-password")
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
