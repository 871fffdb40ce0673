"""What the tests know of the processes of this machine."""

from __future__ import annotations

import subprocess
import sys

from tests.support.processes import is_running, wait_until


def test_a_process_runs_until_it_has_ended_even_if_nobody_has_asked_how() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert is_running(process.pid)
    process.kill()
    wait_until(lambda: not is_running(process.pid))
    assert process.wait() == -9
    assert not is_running(process.pid)
