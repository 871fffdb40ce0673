"""What spreadsheets and other programs make of a text (CON-5)."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from concentrators.importing.spoilt import is_error, is_mojibake, is_power_of_ten, is_total, whole_part

pytestmark = pytest.mark.one_database

ERRORS = (
    "#NULL! #DIV/0! #VALUE! #REF! #NAME? #NUM! #N/A #SPILL! #CALC! #FIELD! #GETTING_DATA #BLOCKED! #CONNECT! #BUSY! "
    "#¡NULO! #¡DIV/0! #¡VALOR! #¡REF! #¿NOMBRE? #¡NUM! #¡NÚM! #N/D #¡DESBORDAMIENTO! #¡CAMPO! #NOMBRE? "
    "#NULLO! #VALORE! #RIF! #NOME? #ESPANSIONE! #CAMPO! #ERROR! Err:502 Err:508 err:522 #valore! ### ##"
)
_AS_WINDOWS_SHOWS = {0xDC00 + byte: chr(byte) for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}


def misread(text: str) -> str:
    """What a program shows that takes the UTF-8 of ``text`` for Windows-1252."""
    return text.encode().decode("cp1252", "surrogateescape").translate(_AS_WINDOWS_SHOWS)


@pytest.mark.parametrize(
    "text",
    ERRORS.split(),
)
def test_errors_in_three_languages_are_told(text: str) -> None:
    assert is_error(text)


@pytest.mark.parametrize("text", ["#", "#1", "N/A", "-", "#7 Norte", "Err", "Err:5", "E502", "Ñuñoa!", "# 12", "#ñ"])
def test_other_texts_are_no_errors(text: str) -> None:
    assert not is_error(text)


@pytest.mark.parametrize("text", ["1.6E+15", "1,23457E+15", "1E+15", "1e+15", "2.5E-05", "-1E+20"])
def test_powers_of_ten_of_spreadsheets_are_told(text: str) -> None:
    assert is_power_of_ten(text)


@pytest.mark.parametrize("text", ["12E5", "1E3", "E+5", "1.6E+", "1E+15X", "16CEC"])
def test_names_are_no_powers_of_ten(text: str) -> None:
    assert not is_power_of_ten(text)


@pytest.mark.parametrize(
    "text",
    ["Total", "TOTAL:", "Grand Total", "Subtotal", "Suma", "Total general", "Totale complessivo", "somma", "totali"],
)
def test_totals_in_three_languages_are_told(text: str) -> None:
    assert is_total(text)


@pytest.mark.parametrize("text", ["TOTAL1", "16CEC50610036665", "A-TOTAL", "", "-"])
def test_serial_numbers_are_no_totals(text: str) -> None:
    assert not is_total(text)


@pytest.mark.parametrize(("text", "whole"), [("225.0", "225"), ("0.0", "0"), ("225", "225")])
def test_floats_of_whole_numbers_are_taken(text: str, whole: str) -> None:
    assert whole_part(text) == whole


@pytest.mark.parametrize("text", ["1.200", "12,5", "1.00", ".0", "-1.0", "1.0.0", "٣.0", "1.05"])
def test_other_numbers_stay_as_they_are(text: str) -> None:
    assert whole_part(text) == text


@pytest.mark.parametrize(
    "text",
    [
        misread("Ñuñoa"),
        misread("Maipú"),
        misread("Città"),
        misread("Città").strip(),
        misread("Città di Castello").replace("\N{NO-BREAK SPACE}", " "),
        misread("Índice"),
        misread("Ávila"),
        misread("Москва"),
        misread(misread("Ñ")),
        "\N{REPLACEMENT CHARACTER}uble",
    ],
)
def test_letters_that_were_read_in_a_wrong_encoding_are_told(text: str) -> None:
    assert is_mojibake(text)


@pytest.mark.parametrize(
    "text", ["Ñuñoa", "Città", "plain", "IRMÃ DULCE", "MAÇÃ", "São", "€", "😀", "Москва", "ñ ó", "Â°"]
)
def test_right_letters_are_let_be(text: str) -> None:
    assert not is_mojibake(text)


@given(st.text(st.characters(codec="cp1252", categories=["Lu", "Ll", "Zs", "Nd"]), min_size=1))
def test_whatever_windows_misreads_is_told(text: str) -> None:
    assume(not text.isascii())
    assume(any(character > "\x7f" and character.isalpha() for character in text))
    assert is_mojibake(misread(text))
