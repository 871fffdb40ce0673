"""The errors of this library: :class:`FrameError`, and its kinds where the records of strays tell them apart."""


class FrameError(ValueError):
    """Bytes are refused, or a value cannot be written as bytes. The message is a short English phrase.

    ``answer`` holds the bytes that the sender must get although its frame is refused, or it would repeat the frame for
    ever (WIR-6); empty if its format has no such answer. ``length`` is that of the refused frame in bytes, which is
    skipped (WIR-9); 0 if nothing tells where it ends. ``identity`` is what the frame says about its sender, though not
    a serial number: a system title, or a value that is not a valid one; empty if nothing is readable (LIS-6).
    """

    def __init__(self, message: str, *, answer: bytes = b"", length: int = 0, identity: str = "") -> None:
        super().__init__(message)
        self.answer = answer
        self.length = length
        self.identity = identity


class NoDeviceIdError(FrameError):
    """A message that does not say which device it is of."""


class CipheredError(FrameError):
    """A message that only a key could read."""
