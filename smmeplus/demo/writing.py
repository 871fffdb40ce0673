"""Writes the demo's configurations in the past: the writer's own steps, with devices in memory instead of sockets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from concentrators.configuration.jobs import Job, claim, claim_to_verify
from concentrators.configuration.outcomes import Outcome, failed
from concentrators.configuration.procedure import Found, read_all, write_all
from concentrators.configuration.rollouts import advance, open_and_close
from concentrators.configuration.storing import confirm, store
from concentrators.configuration.transport import UnreachableError
from concentrators.simulator.serving import DeviceServer
from smmeplus.demo.fleet import Played, PlayedFleet
from smmeplus.dlms.access.conversation import Conversation

WRITER = "demo"
MOST = 200


def write_due(fleet: PlayedFleet, now: datetime) -> None:
    """Write all that is due at ``now``; who was written calls at once."""
    open_and_close(now)
    jobs = claim(WRITER, MOST, now)
    _store(fleet, jobs, now)
    fleet.written([job.key for job in jobs], now.timestamp())


def read_back(fleet: PlayedFleet, now: datetime) -> None:
    """Read back all that were written."""
    _store(fleet, claim_to_verify(WRITER, MOST, now, now), now)


def go_on(now: datetime) -> None:
    """Note whose wake-up has proven what was written, and lead the roll-outs on."""
    confirm(now)
    advance(now)


def _store(fleet: PlayedFleet, jobs: Sequence[Job], now: datetime) -> None:
    outcomes = [(job, _outcome(job, fleet.by_key[job.key], now)) for job in jobs]
    store(outcomes, WRITER, now, chance=lambda: 0.5)


def _outcome(job: Job, played: Played, now: datetime) -> Outcome:
    found = Found(lambda: now)
    steps = read_all if job.only_reads else write_all
    if not played.is_reached:
        return failed(UnreachableError("no answer to the connection"), found)
    try:
        _converse(Conversation(steps(job.target, found)), DeviceServer(played.device))
    except Exception as error:  # as the writer does
        return failed(error, found)
    return Outcome(found)


def _converse(conversation: Conversation[None], device: DeviceServer) -> None:
    to_send = conversation.start()
    while to_send:
        to_send = conversation.receive(device.receive(to_send))
