"""The scenarios, each with what is expected of it beside it."""

from __future__ import annotations

from datetime import timedelta

from tests.world.events import (
    BalancerCut,
    BalancerRestored,
    ClocksSet,
    DatabaseLost,
    DatabaseRestored,
    ListenerDies,
    ListenerStarts,
    NetworkLost,
    NetworkRestored,
    PowerLost,
    PowerRestored,
)
from tests.world.scenario import Scenario, Traits

#: A period of 100 minutes, so a wake-up at 0:00, 1:40, 3:20 … Who boots n minutes later is n minutes later each time.
ONE_DIES = Scenario(
    lasts="6:00:00",
    groups={"one": 1},
    events=(("2:00:00", PowerLost("one")), ("2:30:00", PowerRestored("one"))),
    arrivals={
        "one 0": (
            "0:00:00 boot",
            "1:40:00 keepalive",
            "2:00:00 lastgasp",
            "2:30:00 boot",
            "4:10:00 keepalive",
            "5:50:00 keepalive",
        )
    },
    changes={
        "one 0": (
            "0:00:00 never called, operator",
            "0:00:00 reachable, message",
            "2:00:00 unreachable, last gasp",
            "2:30:00 reachable, message",
        )
    },
)

#: 40 of one feeder, 24 of whose last gasps are lost on the way, and 50 others that notice nothing.
FEEDER_DARK = Scenario(
    lasts="7:30:00",
    groups={"feeder": 40, "others": 50},
    events=(("2:00:30", PowerLost("feeder", gasps_lost=0.6)), ("5:30:30", PowerRestored("feeder"))),
    arrivals={
        "others 0": (
            "0:40:00 boot",
            "2:20:00 keepalive",
            "4:00:00 keepalive",
            "5:40:00 keepalive",
            "7:20:00 keepalive",
        ),
    },
)

#: The retry task of SIM-1 for a wake-up of 1:40: at 1:41, 1:42, 1:43, then from 2:13, 2:45 and 3:17 three times each.
NETWORK_AWAY = Scenario(
    lasts="6:00:00",
    groups={"field": 90},
    events=(("1:00:00", NetworkLost(("field",))), ("3:00:00", NetworkRestored(("field",)))),
    arrivals={
        "field 0": ("0:00:00 boot", "3:17:00 keepalive", "4:57:00 keepalive"),
        "field 15": ("0:15:00 boot", "3:00:00 keepalive", "4:40:00 keepalive"),  # by then the way is open
        "field 59": ("0:59:00 boot", "3:12:00 keepalive", "4:52:00 keepalive"),
        "field 60": ("3:09:00 boot", "4:49:00 keepalive"),  # since 1:00
        "field 89": ("3:06:00 boot", "4:46:00 keepalive"),
    },
    changes={
        "field 0": (
            "0:00:00 never called, operator",
            "0:00:00 reachable, message",
            "1:41:00 late, silence",
            "1:44:00 unreachable, silence",
            "3:17:00 reachable, message",
        ),
        "field 59": (
            "0:00:00 never called, operator",
            "0:59:00 reachable, message",
            "2:40:00 late, silence",
            "2:43:00 unreachable, silence",
            "3:12:00 reachable, message",
        ),
        "field 60": (
            "0:00:00 never called, operator",
            "1:44:00 unreachable, silence",
            "3:09:00 reachable, message",
        ),
    },
)

ONE_CARRIER_AWAY = Scenario(
    lasts="6:00:00",
    groups={"Entel": 30, "Claro": 30, "Movistar": 30},
    events=(("1:00:00", NetworkLost(("Claro",))), ("3:00:00", NetworkRestored(("Claro",)))),
    arrivals={
        "Entel 0": ("0:00:00 boot", "1:40:00 keepalive", "3:20:00 keepalive", "5:00:00 keepalive"),
        "Claro 0": ("0:30:00 boot", "3:15:00 keepalive", "4:55:00 keepalive"),
        "Movistar 29": ("1:29:00 boot", "3:09:00 keepalive", "4:49:00 keepalive"),
    },
)

#: Nobody has a retry later than 30 minutes after the listener is back.
LISTENER_DOWN = Scenario(
    lasts="5:00:00",
    groups={"field": 90},
    events=(("1:00:00", ListenerDies()), ("2:00:00", ListenerStarts())),
    arrivals={
        "field 0": ("0:00:00 boot", "2:13:00 keepalive", "3:53:00 keepalive"),
        "field 20": ("0:20:00 boot", "2:00:00 keepalive", "3:40:00 keepalive"),
        "field 60": ("2:05:00 boot", "3:45:00 keepalive"),
    },
)

BALANCER_CUT = Scenario(
    lasts="5:00:00",
    groups={"field": 90},
    events=(("1:00:00", BalancerCut()), ("2:00:00", BalancerRestored())),
    arrivals=LISTENER_DOWN.arrivals,  # silence or refusal: SIM-1 tries again at the same times
)

#: 90 wake-ups from 1:40:00 on, one a second. The balancer needs 6 s to notice that a listener is gone: a third of what
#: comes meanwhile is refused, and comes again a minute later.
ONE_OF_THREE_DEAD = Scenario(
    lasts="5:00:00",
    groups={"field": 90},
    events=(("1:40:30", ListenerDies(1)), ("1:50:30", ListenerStarts(1))),
    listeners=3,
    step_s=1,
)

#: Connections are accepted and no answer comes: the concentrators give up after 10 s and try again.
DATABASE_AWAY = Scenario(
    lasts="5:00:00",
    groups={"field": 90},
    events=(("1:00:00", DatabaseLost()), ("2:00:00", DatabaseRestored())),
)

#: All that may happen, in an afternoon.
EVERYTHING = Scenario(
    lasts="4:00:00",
    groups={"feeder": 10, "others": 20},
    step_s=7,
    events=(
        ("0:01:00", ListenerDies()),
        ("0:02:00.5", ListenerStarts()),
        ("0:40:00", PowerLost("feeder", gasps_lost=0.5)),
        ("1:00:00", NetworkLost(("others",))),
        ("1:42:00", NetworkRestored(("others",))),
        ("1:50:00", DatabaseLost()),
        ("1:50:10", PowerRestored("feeder")),
        ("1:50:30", DatabaseRestored()),
        ("2:14:00", BalancerCut()),
        ("2:14:30", BalancerRestored()),
    ),
)

#: Sixty boot within one instant, and the listener is killed in the middle of storing them.
KILLED_IN_A_STORM = Scenario(
    lasts="0:05:00",
    groups={"all": 60},
    events=(("0:00:00.3", ListenerDies()), ("0:00:30", ListenerStarts())),
    step_s=0,
)

#: Power that comes and goes every minute, and a way that is cut each time for less than it takes to try again.
FLAPPING = Scenario(
    lasts="4:30:00",
    groups={"loose": 1, "way": 1},
    events=(
        ("1:40:55", NetworkLost(("way",))),
        ("1:41:03", NetworkRestored(("way",))),
        *(
            event
            for minute in range(0, 40, 2)
            for event in (
                (f"2:{minute:02}:00", PowerLost("loose")),
                (f"2:{minute + 1:02}:00", PowerRestored("loose")),
            )
        ),
        ("3:20:55", NetworkLost(("way",))),
        ("3:21:03", NetworkRestored(("way",))),
    ),
    arrivals={"way 0": ("0:01:00 boot", "1:41:07 keepalive", "3:21:07 keepalive")},
    changes={
        "loose 0": (
            "0:00:00 never called, operator",
            "0:00:00 reachable, message",
            *(
                change
                for minute in range(0, 40, 2)
                for change in (
                    f"2:{minute:02}:00 unreachable, last gasp",
                    f"2:{minute + 1:02}:00 reachable, message",
                )
            ),
        ),
        "way 0": ("0:00:00 never called, operator", "0:01:00 reachable, message"),
    },
)

#: A clock may be wrong by years, as long as it says of two messages which one was sent first.
WRONG_CLOCKS = Scenario(
    lasts="4:30:00",
    groups={"past": 1, "future": 1, "slow gasp": 1, "slow gasp in the past": 1, "set right": 1},
    traits={
        "past": Traits(clock_off=-timedelta(days=27 * 365)),
        "future": Traits(clock_off=timedelta(days=40 * 365)),
        "slow gasp in the past": Traits(clock_off=-timedelta(days=27 * 365)),
        "set right": Traits(clock_off=timedelta(days=5 * 365)),
    },
    events=(
        ("1:50:00", ClocksSet("set right")),
        ("2:00:00", PowerLost("past")),
        ("2:00:00", PowerLost("future")),
        ("2:00:00", PowerLost("slow gasp", gasps_take_s=2_400)),
        ("2:00:00", PowerLost("slow gasp in the past", gasps_take_s=2_400)),
        ("2:00:00", PowerLost("set right")),
        ("2:30:00", PowerRestored("past")),
        ("2:30:00", PowerRestored("future")),
        ("2:30:00", PowerRestored("slow gasp")),
        ("2:30:00", PowerRestored("slow gasp in the past")),
        ("4:00:00", PowerRestored("set right")),
    ),
    arrivals={
        "slow gasp in the past 0": (
            "0:03:00 boot",
            "1:43:00 keepalive",
            "2:30:00 boot",
            "2:40:00 lastgasp",
            "4:10:00 keepalive",
        )
    },
    changes={
        "past 0": (
            "0:00:00 never called, operator",
            "0:00:00 reachable, message",
            "2:00:00 unreachable, last gasp",
            "2:30:00 reachable, message",
        ),
        "future 0": (
            "0:00:00 never called, operator",
            "0:01:00 reachable, message",
            "2:00:00 unreachable, last gasp",
            "2:30:00 reachable, message",
        ),
        # It was sent before the boot, and came in after it.
        "slow gasp 0": ("0:00:00 never called, operator", "0:02:00 reachable, message"),
        "slow gasp in the past 0": ("0:00:00 never called, operator", "0:03:00 reachable, message"),
        # By its clock the gasp was sent years before the last wake-up: only silence shows that it is dark.
        "set right 0": (
            "0:00:00 never called, operator",
            "0:04:00 reachable, message",
            "3:25:00 late, silence",
            "3:28:00 unreachable, silence",
            "4:00:00 reachable, message",
        ),
    },
)
