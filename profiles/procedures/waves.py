"""The waves of a procedure profile: in how many steps what was chosen is written (PRC-1). Pure."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

ALL = "all"
MOST_WAVES = 20
LARGEST_WAVE = 1_000_000


def parse_waves(text: str) -> list[int | None]:
    """The sizes in ``text``, such as “10, 100, all”; None stands for all that are left, and is the last one.

    “all” may be written in the user's language, too. Raises ValidationError with what is wrong.
    """
    sizes = [_size(part) for part in re.split(r"[,;\s]+", text.strip(" ,;\t\r\n").casefold())]
    if sizes[-1] is not None:
        raise ValidationError(_("The last wave is “%(all)s”: write the sizes like 10, 100, %(all)s.") % _words())
    if None in sizes[:-1]:
        raise ValidationError(_("Nothing is left after “%(all)s”: let it be the last wave.") % _words())
    if len(sizes) > MOST_WAVES:
        raise ValidationError(_("At most %(max)d waves.") % {"max": MOST_WAVES})
    return sizes


def normalised_waves(text: str) -> str:
    """``text`` as it is stored. Raises ValidationError as ``parse_waves``."""
    return ", ".join(ALL if size is None else str(size) for size in parse_waves(text))


def waves_in_words(sizes: list[int | None]) -> str:
    """In the user's language."""
    return ", ".join(_words()["all"] if size is None else str(size) for size in sizes)


def _words() -> dict[str, str]:
    return {"all": _("all")}


def _size(word: str) -> int | None:
    if word in (ALL, _words()["all"].casefold()):
        return None
    # Longer than any size that is allowed; to convert thousands of digits would take a while.
    size = int(word) if word.isdecimal() and len(word) <= len(str(LARGEST_WAVE)) else 0
    if not 1 <= size <= LARGEST_WAVE:
        raise ValidationError(
            _("“%(word)s” is no size of a wave: write whole numbers from 1 to %(max)d, and “%(all)s” as the last one.")
            % {"word": word[:30], "max": LARGEST_WAVE, **_words()}
        )
    return size
