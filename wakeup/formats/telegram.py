from smmeplus.dlms.kinds import KindKey, kind_of_code
from smmeplus.dlms.telegram import ACK, decode
from wakeup.formats.notice import Notice
from wakeup.models import Format


def read(buffer: bytes) -> tuple[Notice, int] | None:
    """The first telegram of ``buffer`` and its length; None while it is incomplete; FrameError if it is refused."""
    decoded = decode(buffer)
    if decoded is None:
        return None
    (serial, code, clock), length = decoded
    return Notice(serial, kind_of_code(code), clock, Format.TELEGRAM, ACK, KindKey("code", number=code)), length
