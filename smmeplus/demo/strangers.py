"""The senders that the demo's inbox lists: each sends what a listener refuses for another reason (LIS-6)."""

from __future__ import annotations

from datetime import datetime, timedelta

from concentrators.configuration.between import Heard
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import push_notification
from wakeup.between import record_heard

_CIPHERED = bytes.fromhex("000100010040001ddb08414c4c0000004711122000000001a10203f4051607280900bb0c5e")
_WRONG_ID = push_notification("16CEC50610039917", Kind.KEEPALIVE, invoke_id=7, confirmed=True).replace(
    b"061003", b"06\xff003"
)
_CUT_SHORT = bytes.fromhex("00010001000100040f400001")
_WRONG_APDU = bytes.fromhex("000100010001000499400001")
_GREETING = b"\r\nCONNECT 115200\r\n"
_VISITOR = "16CEC50610047011"
_NEIGHBOUR = "EPL1000400000042"


def record_strangers(now: datetime, port: int) -> None:
    """What they sent in the last days, read and recorded as by a listener; each frame on a connection of its own."""
    for host, began_h, every_h, frame in _senders():
        for number in range(int(began_h / every_h)):
            at = now - timedelta(hours=began_h - every_h * number, seconds=41)
            record_heard([Heard(host, port, [(at, frame)])])


def _senders() -> list[tuple[str, float, float, bytes]]:
    """Address, hours before now of the first frame, hours from one to the next, and the frame."""
    visitor = push_notification(_VISITOR, Kind.KEEPALIVE, invoke_id=1, confirmed=True)
    return [
        ("127.60.9.11", 26.0, 0.5, visitor),
        ("127.60.9.12", 2.4, 0.4, push_notification(_NEIGHBOUR, Kind.BOOT, invoke_id=2, confirmed=True)),
        ("127.60.9.13", 54.0, 2.0, _CIPHERED),
        ("127.60.9.14", 31.0, 1.0, _WRONG_ID),
        ("127.60.9.15", 9.0, 3.0, _CUT_SHORT),
        ("127.60.9.16", 96.0, 24.0, _WRONG_APDU),
        ("127.60.9.17", 30.0, 6.0, _GREETING + visitor),
    ]
