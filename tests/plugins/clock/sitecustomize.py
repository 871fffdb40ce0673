"""Python imports this by itself, first of all, where this folder is on PYTHONPATH: the clock of the tests' processes.

``tests/plugins/today.py`` puts it there, and says by how much the clock is moved.
"""

import os
import sys
import time

if offset := os.environ.get("TESTS_CLOCK_OFFSET_S"):
    # Without this time_machine would import pytest, which takes 0.2 s.
    sys.modules["pytest"] = None  # type: ignore[assignment]
    import time_machine

    del sys.modules["pytest"]
    time_machine.travel(time.time() + float(offset)).start()
