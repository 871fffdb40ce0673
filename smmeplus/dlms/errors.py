"""The one error of this library."""


class FrameError(ValueError):
    """Bytes are refused, or a value has no form on the wire. The message is a short English phrase.

    ``answer`` holds the bytes that the sender must get although its frame is refused, so that it does
    not repeat it for ever (WIR-6); empty where its format has no such answer.
    """

    def __init__(self, message: str, *, answer: bytes = b"") -> None:
        super().__init__(message)
        self.answer = answer
