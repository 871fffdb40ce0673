from enum import Enum
from typing import Final

from smmeplus.dlms.errors import CipheredError


class Reason(Enum):
    """Why a ciphered APDU is refused, in the words that are shown."""

    NOT_CIPHERED = "it is not a ciphered APDU that is read here"
    CUT_SHORT = "it is cut short"
    LEFT_OVER = "bytes are left over behind it"
    BAD_LENGTH = "its length has more than two octets"
    BAD_TITLE = "its system title is not of 8 bytes"
    NO_TITLE = "nothing says whose it is"
    COMPRESSED = "it is compressed (80)"
    BROADCAST = "it is ciphered with the broadcast key (40)"
    ANOTHER_SUITE = "it is of another security suite than 0"
    UNPROTECTED = "it is neither authenticated nor encrypted (00)"
    NOT_AUTHENTICATED = "it is encrypted only (20): nothing proves who sent it"
    WRONG_TAG = "its authentication tag does not fit the keys"


#: The reasons that a whole and right one never has.
DAMAGED: Final = frozenset({Reason.CUT_SHORT, Reason.LEFT_OVER, Reason.BAD_LENGTH, Reason.BAD_TITLE})


class CipheringError(CipheredError):
    """A ciphered APDU that is refused; the message says no more than its ``reason`` does."""

    def __init__(self, reason: Reason, *, identity: str = "") -> None:
        super().__init__(reason.value, identity=identity)
        self.reason = reason
