"""The names that spontaneous profiles may have (PRO-3)."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MAX_NAME_LENGTH = 50
PUNCTUATION = " _-."


def clean_profile_name(name: str) -> str:
    """Return ``name`` trimmed and in Unicode form NFC, so that equal-looking names are equal.

    Raises ValidationError with every rule that the name breaks: 1 to 50 characters; letters of any
    language, digits, space, ``_``, ``-`` and ``.``; at least one letter or digit.
    """
    name = unicodedata.normalize("NFC", name).strip()
    errors = []
    if len(name) > MAX_NAME_LENGTH:
        errors.append(
            _("At most %(max)d characters; this name has %(length)d.") % {"max": MAX_NAME_LENGTH, "length": len(name)}
        )
    wrong = sorted({character for character in name if not _allowed(character)})
    if wrong:
        errors.append(
            _("Letters, digits, space, “_”, “-” and “.” only; not allowed here: %(wrong)s")
            % {"wrong": " ".join(map(_visible, wrong))}
        )
    if not any(unicodedata.category(character)[0] in "LN" for character in name):
        errors.append(_("A name needs at least one letter or digit."))
    if errors:
        raise ValidationError(errors)
    return name


def fold_name(name: str) -> str:
    """The form in which names are compared: ignores case, in any language and on any database."""
    return unicodedata.normalize("NFC", name.casefold())


def _allowed(character: str) -> bool:
    # Marks (M) are parts of letters in many scripts, such as the vowel signs of Devanagari.
    category = unicodedata.category(character)
    return character in PUNCTUATION or category[0] in "LM" or category == "Nd"


def _visible(character: str) -> str:
    return character if character.isprintable() and not character.isspace() else f"U+{ord(character):04X}"
