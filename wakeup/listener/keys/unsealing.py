"""A ciphered message is read with the keys of who sent it, or refused for a reason that has a name (SEC-3)."""

from __future__ import annotations

from typing import Final

from smmeplus.dlms.ciphering.errors import DAMAGED, CipheringError, Reason
from smmeplus.dlms.errors import FrameError
from wakeup.formats.notice import Notice
from wakeup.formats.sealed import SealedError, unsealed
from wakeup.formats.seals import KeyedDevice
from wakeup.listener.keys.cache import KeyCache, Wanted

#: A tag that does not fit has the keys read again, unless they are younger than this: they may have been changed.
FRESH_S: Final = 1.0


def unseal(sealed: SealedError, login: str, cache: KeyCache, *, has_asked: bool) -> Notice | Wanted | FrameError:
    """The message in ``sealed``; the device that has to be looked up first; or why it is refused.

    ``login`` is the serial number that its connection has named, which counts where the message has no title.
    ``has_asked``: the device has been looked up for this very message, so what the cache has is all there is.
    """
    wanted = Wanted(sealed.identity) if sealed.identity else Wanted(serial=login)
    if not any(wanted):
        return sealed
    device = cache.find(wanted)
    if device is None:
        return sealed if has_asked else wanted
    try:
        return unsealed(sealed, device)
    except CipheringError as error:
        is_old = error.reason is Reason.WRONG_TAG and cache.age_s(device) >= FRESH_S
        if is_old and not has_asked:
            return wanted
        return _refused(error, sealed, device)


def _refused(error: CipheringError, sealed: SealedError, device: KeyedDevice) -> CipheringError:
    """``error`` with what is known of its sender: the concentrator, unless the frame is damaged."""
    refusal = CipheringError(error.reason, identity=device.title if error.reason in DAMAGED else device.serial)
    refusal.length = sealed.length
    return refusal
