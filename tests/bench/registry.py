"""All that is measured, in this order; a further requirement of section 15 is one module and one line here."""

from __future__ import annotations

from tests.bench import (
    events,
    incidents,
    meter_pages,
    meters,
    noise,
    per1,
    per2,
    per3,
    per4,
    per7,
    per8,
    per9,
    steady,
    tls,
)
from tests.bench.context import Measurement
from tests.bench.writing import per6
from tests.bench.zabbix import measure as zabbix

MEASUREMENTS = [
    Measurement("noise", noise.measure),
    Measurement("per1", per1.measure),
    Measurement("per2", per2.measure),
    Measurement("per3", per3.measure),
    Measurement("per7", per7.measure),
    Measurement("per6", per6.measure, is_quick=False),
    Measurement("zabbix", zabbix.measure, is_quick=False),
    Measurement("per8", per8.measure, is_quick=False),
    Measurement("per9", per9.measure, is_quick=False),
    Measurement("per4", per4.measure, is_quick=False),
    Measurement("events", events.measure, is_quick=False),
    Measurement("incidents", incidents.measure, is_quick=False),
    Measurement("meters", meters.measure, is_quick=False),
    Measurement("meter-pages", meter_pages.measure, is_quick=False),
    Measurement("tls", tls.measure, is_quick=False),
    Measurement("steady", steady.measure, is_quick=False),
]
