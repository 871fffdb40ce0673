"""One log over a socket; whatever goes wrong is in what came of it (STA-11)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from concentrators.configuration.between import Heard, TimedConversation
from concentrators.configuration.outcomes import Outcome, failed
from concentrators.configuration.power_logs.jobs import LogJob
from concentrators.configuration.power_logs.steps import NoLogError, ReadLog, read_log
from concentrators.configuration.power_logs.storing import LogOutcome
from concentrators.configuration.procedure import Found
from concentrators.configuration.transport import Patience, converse

log = logging.getLogger(__name__)


async def attempt_log(job: LogJob, patience: Patience, now: Callable[[], datetime]) -> LogOutcome:
    """Read the log of one concentrator."""
    if job.refusal is not None:
        return LogOutcome(Outcome(failure=job.refusal))
    found = Found(now)
    conversation = TimedConversation(read_log(job.target, found), now)
    try:
        read: ReadLog = await converse(job.host, job.port, conversation, patience)
        outcome = LogOutcome(Outcome(found), read)
    except Exception as error:
        outcome = LogOutcome(failed(error, found), is_final=isinstance(error, NoLogError))
        if outcome.outcome.is_unexpected:
            log.exception("the log of concentrator %s", job.target.device.serial)
    heard = Heard(job.host, job.port, conversation.heard) if conversation.heard else None
    return replace(outcome, outcome=replace(outcome.outcome, heard=heard))
