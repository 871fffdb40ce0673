"""What spreadsheets and other programs make of a text before it comes into a file (CON-5)."""

from __future__ import annotations

import re
import unicodedata

#: Errors of Excel, LibreOffice and Google Sheets in any language, such as #N/A, #¡REF!, #¿NOMBRE?, #VALORE! and
#: Err:502; and what is shown where a column is too narrow.
_ERROR = re.compile(
    r"#[¡¿]?[A-ZÀ-Þ0-9_ ]+(?:/[A-Z0-9]+)?[!?]|#[A-Z]/[A-Z]|#GETTING_DATA|ERR:[0-9]{3}|#ERR[0-9]{3}!|##+"
)
_POWER_OF_TEN = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?[eE][+-][0-9]+")
_WRITTEN_AS_FLOAT = re.compile(r"([0-9]+)[.]0")

#: First words of rows that are no concentrators, in the languages of the product, as serial numbers would be read.
_TOTALS = (
    "TOTAL TOTALS SUBTOTAL SUBTOTALS SUM SUMS COUNT AVERAGE MEAN GRANDTOTAL OVERALLTOTAL SUMTOTAL TOTALSUM "
    "TOTALES SUBTOTALES SUMA SUMAS CUENTA RECUENTO PROMEDIO TOTALGENERAL SUMATOTAL GRANTOTAL "
    "TOTALE TOTALI SUBTOTALE SUBTOTALI SOMMA SOMME CONTEGGIO CONTA MEDIA TOTALECOMPLESSIVO TOTALEGENERALE SOMMATOTALE"
)
TOTALS = frozenset(_TOTALS.split())
#: ``à``, of which the second half looks like a blank and may have become one, or have been cut off.
_GRAVE_A = re.compile("(?<=[a-z])Ã(?= |$)")
_REPLACED = "\N{REPLACEMENT CHARACTER}"


def is_error(text: str) -> bool:
    return text.startswith(("#", "E", "e")) and _ERROR.fullmatch(text.upper()) is not None


def is_power_of_ten(text: str) -> bool:
    """Whether a spreadsheet has written a long number like 1.23457E+15. It always writes the sign; 12E5 is a name."""
    return _POWER_OF_TEN.fullmatch(text) is not None


def whole_part(text: str) -> str:
    """``225`` for ``225.0``, as pandas writes whole numbers of a column with gaps; other texts as they are.

    1.200 and 12,5 mean different numbers in different countries, and so none.
    """
    found = _WRITTEN_AS_FLOAT.fullmatch(text)
    return found[1] if found else text


def is_total(serial: str) -> bool:
    return "".join(filter(str.isalnum, serial.upper())) in TOTALS


def is_mojibake(text: str) -> bool:
    """Whether letters are lost: UTF-8 was read as Windows-1252, so that ``ñ`` became ``Ã±``, or as something else."""
    if text.isascii():
        return False
    if _REPLACED in text:
        return True
    try:
        meant = b"".join(map(_byte, _GRAVE_A.sub("Ã\N{NO-BREAK SPACE}", text))).decode()
    except UnicodeError:
        return False
    return any(character > "\x7f" and unicodedata.category(character)[0] == "L" for character in meant)


def _byte(character: str) -> bytes:
    """The byte that Windows shows as ``character``; it shows the five that Windows-1252 lacks as control characters."""
    return character.encode("latin-1" if "\x80" <= character <= "\x9f" else "cp1252")
