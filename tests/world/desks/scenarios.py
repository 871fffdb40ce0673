"""Scenarios of the night desk, each with exactly the incidents that come of it (STA-5)."""

from __future__ import annotations

from concentrators.models import PlannedScope
from tests.world.events import NetworkLost, NetworkRestored, PowerLost, PowerRestored, WorkPlanned
from tests.world.scenario import Scenario, Traits

_F1, _F2, _REST = (Traits(substation="S", feeder=feeder) for feeder in ("F1", "F2", "F3"))

#: Half of the last gasps of F1 are lost: its other half is found by its silence.
TWO_FEEDERS = Scenario(
    lasts="6:00:00",
    groups={"F1": 6, "F2": 6, "rest": 20},
    traits={"F1": _F1, "F2": _F2, "rest": _REST},
    step_s=30,
    events=(
        ("2:00:30", PowerLost("F1", gasps_lost=0.5)),
        ("2:00:40", PowerLost("F2")),
        ("4:30:00", PowerRestored("F2")),
        ("5:30:30", PowerRestored("F1")),
    ),
    incidents=(
        "2:00:30 to 5:30:30 feeder S F1, power, 6 of 6",
        "2:00:40 to 4:30:00 feeder S F2, power, 6 of 6",
    ),
    alarms=("2:00:30 low, power S · F1", "2:00:40 low, power S · F2"),
    told=(
        "incident opened: feeder S F1",
        "incident opened: feeder S F2",
        "incident ended: feeder S F2",
        "incident ended: feeder S F1",
    ),
)

#: The feeder goes dark before its carrier fails, and stays so for longer.
FEEDER_IN_A_CARRIER = Scenario(
    lasts="1:55:00",
    groups={"feeder": 6, "claro": 10, "entel": 20, "claro canary": 1},
    traits={
        "feeder": Traits("Claro", substation="S", feeder="F1"),
        "claro": Traits("Claro", substation="S", feeder="F3"),
        "entel": Traits("Entel", substation="S", feeder="F4"),
        "claro canary": Traits("Claro", is_canary=True),
    },
    canaries=1,
    period_min=30,
    step_s=10,
    events=(
        ("0:40:00", PowerLost("feeder", gasps_lost=0.5)),
        ("0:42:00", NetworkLost(("feeder", "claro", "claro canary"))),
        ("1:20:00", NetworkRestored(("feeder", "claro", "claro canary"))),
        ("1:45:00", PowerRestored("feeder")),
    ),
    incidents=(
        "0:40:00 to 1:45:00 feeder S F1, power, 6 of 6",
        "0:32:30 to 1:35:30 carrier Claro, communication, 10 of 16",  # at its next try
    ),
    alarms=("0:40:00 low, power S · F1", "0:32:30 high, carrier Claro"),
    told=(
        "incident opened: feeder S F1",
        "incident opened: carrier Claro",
        "incident ended: carrier Claro",
        "incident ended: feeder S F1",
    ),
)

#: Power that comes and goes every other minute is one incident.
FLAPPING_FEEDER = Scenario(
    lasts="3:00:00",
    groups={"feeder": 5, "rest": 12},
    traits={"feeder": _F1, "rest": _REST},
    step_s=10,
    events=tuple(
        event
        for minute in range(0, 40, 4)
        for event in (
            (f"2:{minute:02}:00", PowerLost("feeder")),
            (f"2:{minute + 2:02}:00", PowerRestored("feeder")),
        )
    ),
    incidents=("2:00:00 to 2:38:00 feeder S F1, power, 5 of 5",),
    alarms=("2:00:00 low, flapping S · F1, stands",),  # for an hour after the last change
    told=("incident opened: feeder S F1, not told: flapping",),
)

#: Work that was to end at 3:00, and a feeder beside it that nobody works on.
WORK_ENDS_LATE = Scenario(
    lasts="4:30:00",
    groups={"feeder": 5, "beside": 5, "rest": 12},
    traits={"feeder": _F1, "beside": _F2, "rest": _REST},
    step_s=10,
    events=(
        ("1:00:00", WorkPlanned("feeder", "2:00:00", "3:00:00")),
        ("2:01:00", PowerLost("feeder")),
        ("2:10:00", PowerLost("beside")),
        ("2:20:00", PowerRestored("beside")),
        ("3:40:00", PowerRestored("feeder")),
    ),
    incidents=(
        "2:01:00 to 3:40:00 feeder S F1, power, 5 of 5, planned",
        "2:10:00 to 2:20:00 feeder S F2, power, 5 of 5",
    ),
    alarms=("2:10:00 low, power S · F2", "3:00:00 medium, planned overrun S · F1"),
    told=(
        "incident opened: feeder S F1, not told: planned",
        "incident opened: feeder S F2",
        "incident ended: feeder S F2",
        "alarm raised: planned overrun",
        "alarm ended: planned overrun",
    ),
)

#: Work on the whole substation: its feeder goes dark meanwhile, and once more when the work is over.
PARENTS_MAINTENANCE = Scenario(
    lasts="4:30:00",
    groups={"F1": 5, "F2": 6, "rest": 12},
    traits={"F1": _F1, "F2": _F2, "rest": Traits(substation="T", feeder="F1")},
    step_s=10,
    events=(
        ("1:00:00", WorkPlanned("F2", "2:00:00", "3:00:00", PlannedScope.SUBSTATION)),
        ("2:10:00", PowerLost("F1")),
        ("2:50:00", PowerRestored("F1")),
        ("3:10:00", PowerLost("F1")),
        ("3:50:00", PowerRestored("F1")),
    ),
    incidents=(
        "2:10:00 to 2:50:00 feeder S F1, power, 5 of 5, planned",
        "3:10:00 to 3:50:00 feeder S F1, power, 5 of 5",
    ),
    alarms=("3:10:00 low, power S · F1",),
    told=(
        "incident opened: feeder S F1, not told: planned",
        "incident opened: feeder S F1",
        "incident ended: feeder S F1",
    ),
)
