"""From bytes to the text of an XML document."""

from __future__ import annotations

import codecs
import re

from django.utils.translation import gettext as _

from concentrators.meters.stg.errors import StgError

_DECLARATION = re.compile(r"\s*<\?xml\s[^<>]{0,200}\?>")
_MARK = "\ufeff"
#: What XML 1.0 cannot hold. Devices fill fields with such characters, and one would cost the whole file.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile("&#(?:x0*(?:[0-8bBcCeEfF]|1[0-9A-Fa-f])|0*(?:[0-8]|1[124-9]|2[0-9]|3[01]));")
_MARKS = (  # of the longest first: that of UTF-32 begins like that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(content: bytes) -> str:
    """The document in ``content``, without its declaration: UTF-8 if it can be that, else Latin-9 (ISO-8859-15).

    What the declaration says is not asked: concentrators leave it out, or send other bytes than it names. Raises
    StgError if a byte order mark promises what does not come.
    """
    return tidy(_decode(content))


def tidy(text: str) -> str:
    """``text`` without declaration, control characters and references to them."""
    text = _CONTROL.sub("", text.removeprefix(_MARK))
    if "&#" in text:
        text = _REFERENCE.sub("", text)
    return _DECLARATION.sub("", text, count=1) if _DECLARATION.match(text) else text


def _decode(content: bytes) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError as error:
                raise StgError(_("The file begins as %(encoding)s and is not.") % {"encoding": encoding}) from error
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("iso-8859-15")
