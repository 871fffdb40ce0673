"""``python -m tests.support.stepping_clock COMMAND …``: a command of `manage.py`; SIGUSR1 sets its clock back a day."""

from __future__ import annotations

import os
import signal
import sys
from datetime import UTC, datetime, timedelta

import time_machine

STEP = timedelta(days=1)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    from django.core.management import execute_from_command_line

    def step(*_: object) -> None:
        time_machine.travel(datetime.now(UTC) - STEP).start()

    signal.signal(signal.SIGUSR1, step)
    execute_from_command_line(["manage.py", *sys.argv[1:]])


if __name__ == "__main__":
    main()
