"""uvloop is optional: the commands run on asyncio's own loop where it is missing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAME_THE_LOOP = """
import asyncio
from smmeplus.common.event_loop import run

async def name():
    return type(asyncio.get_running_loop()).__module__.partition(".")[0]

print(run(name()))
"""
WITHOUT_UVLOOP = "import sys; sys.modules['uvloop'] = None\n"  # an import of it then fails


@pytest.mark.parametrize(
    ("start", "loop"), [("", "uvloop"), (WITHOUT_UVLOOP, "asyncio")], ids=["installed", "not installed"]
)
def test_the_loop_is_that_of_uvloop_where_it_is_installed(start: str, loop: str) -> None:
    done = subprocess.run([sys.executable, "-c", start + NAME_THE_LOOP], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == loop


def test_nothing_else_of_the_product_asks_for_uvloop() -> None:
    rooms = ("smmeplus", "profiles", "concentrators", "wakeup", "reports")
    files = [path for room in rooms for path in (ROOT / room).rglob("*.py")]
    asking = [path for path in files if re.search(r"^\s*(import|from) uvloop\b", path.read_text(), re.MULTILINE)]
    assert [path.name for path in asking] == ["event_loop.py"]
