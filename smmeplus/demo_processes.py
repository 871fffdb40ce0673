"""The processes of `make run`, by honcho, until Ctrl-C: ``python -m smmeplus.demo_processes start -p 8000``."""

from __future__ import annotations

import os
import signal
import threading

from honcho import command, manager


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
    command.main()


if __name__ == "__main__":
    main()
