from smmeplus.dlms.errors import FrameError
from smmeplus.dlms.framing.hdlc import FLAG, frame_length
from wakeup.formats.notice import Notice


def read(buffer: bytes) -> tuple[Notice, int] | None:
    """None while it cannot be told whether ``buffer`` begins with an HDLC frame; then FrameError (WIR-11)."""
    length = frame_length(buffer)
    if length is None or len(buffer) < length:
        return None
    if not length or buffer[length - 1] != FLAG:
        raise FrameError(f"no format begins with {FLAG:02X} but HDLC, and this is no HDLC frame")
    raise FrameError(
        "an HDLC frame, which is for serial lines: the device has to send its messages in a wrapper", length=length
    )
