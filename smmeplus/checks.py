"""The system checks of the configuration, which run before each command; ``smmeplus/environment.py`` has their ids."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.checks import Error, Tags, register

from smmeplus.environment import IDS
from smmeplus.variables import SQLITE

CONFIGURATION = "configuration"


@register(CONFIGURATION)
def check_variables(**_: object) -> list[Error]:
    return [Error(problem.seen, hint=problem.right, id=problem.id) for problem in settings.CONFIGURATION_PROBLEMS]


@register(Tags.files)
def check_folder_of_sqlite(**_: object) -> list[Error]:
    """SQLite makes its file, but not the folder, and its own error names neither."""
    database = settings.DATABASES["default"]
    if database["ENGINE"] != SQLITE or database["NAME"] == ":memory:":
        return []
    folder = Path(database["NAME"]).absolute().parent
    if folder.is_dir():
        return []
    seen = f"The database is a file in {folder}, a folder that does not exist."
    return [Error(seen, hint="Make that folder, or set DATABASE_URL.", id=IDS["DATABASE_URL"])]
