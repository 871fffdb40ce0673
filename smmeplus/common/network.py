"""Port numbers, as commands and files spell them."""

MAX_PORT = 65_535


def parse_port(text: str) -> int:
    """The port from 1 to MAX_PORT that ``text`` says. Raises ValueError unless it is one in ASCII digits."""
    # int() alone would take “1_000”, “٣” and “ 1 ”.
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_PORT):
        raise ValueError(f"{text!r} is no port")
    return int(text)
