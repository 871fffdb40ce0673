"""The processes of `make run`, by honcho, until Ctrl-C: ``python -m smmeplus.demo.processes start -p 8000``."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

from honcho import command, manager

from smmeplus.demo.starting import CannotStartError, alone, free_metrics_port

LOCK = Path("var", "demo.lock")


class PatientManager(manager.Manager):  # type: ignore[misc] # untyped
    """Ends its processes only when all have started: honcho would leave the later ones behind."""

    def terminate(self) -> None:
        if self._all_started():
            super().terminate()
        else:
            threading.Timer(0.1, self.terminate).start()


def silence_output(*_signal: object) -> None:
    """Write nowhere from now on: honcho must not fail, and leave its processes, because its terminal is gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def main() -> None:
    os.setsid()  # away from the terminal's signals, which make passes on, so that each comes once
    signal.signal(signal.SIGHUP, silence_output)
    command.Manager = PatientManager
    if not os.environ.get("METRICS_PORT"):
        os.environ["METRICS_PORT"] = str(free_metrics_port())
    try:
        with alone(LOCK, f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/"):
            command.main()
    except CannotStartError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
