"""``python -m tests.support.impatient COMMAND …``: a command of `manage.py` that waits seconds, not minutes."""

from __future__ import annotations

import os
import sys

STALLED_S = 1.0
STUCK_S = 3.0


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django
    from django.core.management import execute_from_command_line

    django.setup()
    from wakeup.listener.vitals import stalls
    from wakeup.listener.writers import intake

    stalls.STALLED_S, intake.STUCK_S = STALLED_S, STUCK_S
    execute_from_command_line(["manage.py", *sys.argv[1:]])


if __name__ == "__main__":
    main()
