"""The messages of simulated concentrators, and the answers that confirm them (WIR-2, WIR-5, WIR-6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum

from concentrators.simulator.inventory import Installation
from concentrators.simulator.sending import exchange, send_datagram
from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import MAX_INVOKE_ID, event_notification, push_notification, read_confirmation
from smmeplus.dlms.telegram import ACK, telegram

ANSWER_TIMEOUT = 10.0  # seconds of real time, whatever the fleet's clock does, because the listener runs in real time


class MessageFormat(StrEnum):
    """The formats that are answered, so that the RETRY TASK knows whether a message got through."""

    PUSH = "push"
    TELEGRAM = "telegram"


@dataclass(frozen=True)
class Service:
    """The listener that a fleet sends to, at an IPv4 address. A concentrator that was told another one sends there.

    One with keys sends ciphered pushes, whatever the ``message_format`` of the others is.
    The clocks of concentrators run in ``zone``, and are wrong by ``clock_off``. With ``own_sources`` each sends from
    the loopback address of its installation.
    """

    host: str
    port: int
    message_format: MessageFormat = MessageFormat.PUSH
    zone: tzinfo = UTC
    own_sources: bool = False
    timeout: float = ANSWER_TIMEOUT
    clock_off: timedelta = timedelta(0)

    async def deliver(self, installation: Installation, kind: Kind, number: int) -> bool:
        """Send the ``number``-th message of a concentrator; whether it reached the service (SIM-1).

        A last gasp is a datagram, which nobody answers.
        """
        if kind is Kind.LASTGASP:
            return await self._gasp(installation)
        invoke_id, ciphering = number & MAX_INVOKE_ID, installation.ciphering
        message_format = MessageFormat.PUSH if ciphering else self.message_format
        frame = compose(message_format, installation.serial, kind, invoke_id, self._moment(installation))
        source = installation.source if self.own_sources else None
        host, port = installation.profile.destination or (self.host, self.port)
        try:
            sent = ciphering.push(frame) if ciphering else frame
            answer = await exchange(sent, host, port, source=source, timeout=self.timeout)
            return confirms(message_format, ciphering.opened(answer) if ciphering else answer, invoke_id)
        except (OSError, FrameError):
            return False

    def _moment(self, installation: Installation) -> datetime:
        """By the clock of the concentrator."""
        clock_off = self.clock_off + timedelta(seconds=installation.clock_off)
        return (datetime.now(UTC) + clock_off).astimezone(self.zone)

    async def _gasp(self, installation: Installation) -> bool:
        frame = event_notification(installation.serial, Kind.LASTGASP, moment=self._moment(installation))
        source = installation.source if self.own_sources else None
        to = installation.profile.last_gasp_to or (self.host, self.port)
        ciphering = installation.ciphering
        try:
            await send_datagram(ciphering.push(frame) if ciphering else frame, *to, source=source)
        except OSError:
            return False
        return True


def compose(message_format: MessageFormat, serial: str, kind: Kind, invoke_id: int, moment: datetime) -> bytes:
    """The bytes of one message that is to be answered, sent at ``moment`` (aware) in the zone of the device.

    A telegram carries no ``invoke_id`` (24 bits). Raises FrameError for a serial that no concentrator may have.
    """
    if message_format is MessageFormat.TELEGRAM:
        return telegram(serial, kind, moment=moment)
    return push_notification(serial, kind, invoke_id=invoke_id, confirmed=True, moment=moment)


def confirms(message_format: MessageFormat, answer: bytes, invoke_id: int) -> bool:
    """Whether ``answer`` says that the message is stored: the confirmation with ``invoke_id``, or ACK."""
    if message_format is MessageFormat.TELEGRAM:
        return answer == ACK
    try:
        return read_confirmation(answer) == invoke_id
    except FrameError:
        return False
