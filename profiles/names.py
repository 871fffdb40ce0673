"""The names that profiles may have, and when two of them are the same (PRO-3)."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MAX_NAME_LENGTH = 50
PUNCTUATION = " _-."
#: Longer texts are no names. To normalise millions of combining marks would take minutes.
MOST_READ = 1_000
MOST_NAMED = 20  # characters that are not allowed
_BLANKS = frozenset("\t\n\r\v\f\x85\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}")
#: Letters and marks that show nothing. Unicode says so of them (Default_Ignorable_Code_Point) though they are not Cf.
_UNSEEN = frozenset(
    map(chr, (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180C, 0x180D, 0x180F, *range(0xFE00, 0xFE10)))
) | frozenset(map(chr, range(0xE0100, 0xE01F0)))


def clean_profile_name(name: str) -> str:
    """Return ``name`` as it is stored: normalised.

    Raises ValidationError with every rule that the name breaks: 1 to 50 characters; letters of any
    language, digits, space, ``_``, ``-`` and ``.``; at least one letter or digit.
    """
    name = normalised_name(name)
    errors = []
    if len(name) > MAX_NAME_LENGTH:
        errors.append(
            _("At most %(max)d characters; this name has %(length)d.") % {"max": MAX_NAME_LENGTH, "length": len(name)}
        )
    wrong = sorted({character for character in name if not _allowed(character)})
    if wrong:
        errors.append(
            _("Letters, digits, space, “_”, “-” and “.” only; not allowed here: %(wrong)s")
            % {"wrong": " ".join([*map(_visible, wrong[:MOST_NAMED]), *(["…"] if len(wrong) > MOST_NAMED else [])])}
        )
    if not any(unicodedata.category(character)[0] in "LN" for character in name):
        errors.append(_("A name needs at least one letter or digit."))
    if errors:
        raise ValidationError(errors)
    return name


def normalised_name(name: str) -> str:
    """``name`` as everybody sees it: in form NFKC, without what shows nothing, and with one space for each blank.

    Runs of blanks are one and those around it go. A text that is too long for a name comes back as it is.
    """
    if len(name) > MOST_READ:
        return name
    composed = unicodedata.normalize("NFKC", name)
    seen = "".join(" " if _is_blank(character) else character for character in composed if not _is_unseen(character))
    # Without what stood between them, letters and marks may belong together.
    return unicodedata.normalize("NFKC", " ".join(part for part in seen.split(" ") if part))


def fold_name(name: str) -> str:
    """The form in which names are compared and found: normalised, without case in any language and on any database."""
    for _round in range(2):  # what case is folded to may be composed, and have a case again
        name = normalised_name(normalised_name(name).casefold())
    return name


def _is_blank(character: str) -> bool:
    return character in _BLANKS or unicodedata.category(character) == "Zs"


def _is_unseen(character: str) -> bool:
    return character in _UNSEEN or unicodedata.category(character) == "Cf"


def _allowed(character: str) -> bool:
    # Marks (M) are parts of letters in many scripts, such as the vowel signs of Devanagari.
    category = unicodedata.category(character)
    return character in PUNCTUATION or category[0] in "LM" or category == "Nd"


def _visible(character: str) -> str:
    """``character`` as an operator can tell it from others: a dash of another kind looks like the one allowed."""
    code = f"U+{ord(character):04X}"
    if not character.isprintable() or character.isspace():
        return code
    is_a_dash = unicodedata.category(character) == "Pd"
    return f"{character} ({code})" if is_a_dash else character
