"""Another implementation of DLMS reads the log of a simulated concentrator over a real socket (STA-11, SIM-2)."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from concentrators.models import ConcentratorType
from concentrators.simulator.devices import Device
from concentrators.simulator.serving import Line
from tests import ROOT
from tests.concentrators.simulator.logs.test_power_log import Time, fail

pytestmark = [pytest.mark.process, pytest.mark.ci_only]


async def read_by_gurux(device: Device, begin: datetime, end: datetime) -> Any:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Line(device, lambda *_: None), "127.0.0.1", 0)
    arguments = ("127.0.0.1", str(server.sockets[0].getsockname()[1]), begin.isoformat(), end.isoformat())
    command = (sys.executable, "-m", "tests.support.gurux.power_log", *arguments)
    pipe = asyncio.subprocess.PIPE
    reader = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=pipe, stderr=pipe)
    out, errors = await asyncio.wait_for(reader.communicate(), 60)
    server.close()
    assert reader.returncode == 0, errors.decode()
    return json.loads(out)


def test_it_reads_the_columns_all_hundred_entries_and_a_part_of_them() -> None:
    time = Time()
    device = Device("EPL1000400000042", ConcentratorType(name="CERCO1"), {}, now=time)
    assert device.log
    ends = []
    for seconds in range(100):
        time.go_on(hours=1)
        fail(device.log, time, seconds)
        ends.append(time())
    columns, in_use, entries, some = asyncio.run(read_by_gurux(device, ends[10], ends[12] + timedelta(seconds=1)))
    assert columns == ["0.0.1.0.0.255 2", "0.0.96.7.19.255 2"]
    assert in_use == 100
    read = [(datetime.fromisoformat(at).astimezone(UTC), seconds) for at, seconds in entries]
    assert read == [(at, seconds) for seconds, at in enumerate(ends)]
    assert [seconds for _at, seconds in some] == [10, 11, 12]
