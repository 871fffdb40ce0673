from smmeplus.dlms.kinds import KindKey, kind_of_code
from smmeplus.dlms.telegram import ACK, NAK, decode
from wakeup.formats.notice import NamelessError, Notice
from wakeup.models import Format


def read(buffer: bytes) -> tuple[Notice, int] | None:
    """The first telegram of ``buffer`` and its length; None while it is incomplete; FrameError if it is refused."""
    decoded = decode(buffer)
    if decoded is None:
        return None
    (serial, code, clock, nameless), length = decoded
    notice = Notice(serial, kind_of_code(code), clock, Format.TELEGRAM, ACK, KindKey(code=code))
    if nameless is not None:
        raise NamelessError(nameless, notice, length, NAK)
    return notice, length
