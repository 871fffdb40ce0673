"""The one error of this library."""


class FrameError(ValueError):
    """Bytes are refused, or a value cannot be written as bytes. The message is a short English phrase.

    ``answer`` holds the bytes that the sender must get although its frame is refused, or it would repeat the frame for
    ever (WIR-6); empty if its format has no such answer.
    """

    def __init__(self, message: str, *, answer: bytes = b"") -> None:
        super().__init__(message)
        self.answer = answer
