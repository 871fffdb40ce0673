from dataclasses import dataclass, field
from typing import Final

from smmeplus.dlms.errors import FrameError

KEY_SIZE: Final = 16


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of suite 0, 16 bytes each: the global unicast (or a dedicated) key, and the authentication key.

    Neither is ever shown. FrameError for one of another size.
    """

    unicast: bytes = field(repr=False)
    authentication: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.unicast) != KEY_SIZE or len(self.authentication) != KEY_SIZE:
            raise FrameError(f"a key of security suite 0 has {KEY_SIZE} bytes")
