"""What the cells of an installation file may say (CON-1, CON-5)."""

from __future__ import annotations

from typing import Any

import pytest

from concentrators.importing import columns
from concentrators.importing.columns import READ_NAMES, Refusal, parsers
from concentrators.importing.errors import RowError
from concentrators.models import Concentrator
from tests.factories import CompanyFactory, ConcentratorTypeFactory, SpontaneousProfileFactory

pytestmark = pytest.mark.django_db

FORMULA = "A formula; write the value itself."
PORT = "A whole number from 1 to 65535."
CUSTOMERS = "A whole number from 0 to 2147483647."
ADDRESS = "An IPv4 address is four numbers from 0 to 255, like 10.60.0.10."
SERIAL = "A serial number is 1 to 32 letters from A to Z, digits and inner hyphens."
ONE_LINE = "One line of text, without line breaks, tabs and control characters."
TEXTS = ("manufacturer", "substation", "feeder", "region", "carrier")


def parsed(column: str, text: str) -> Any:
    value = parsers(None)[column](text)
    return value.reason if isinstance(value, Refusal) else value


def test_every_column_has_a_parser() -> None:
    assert tuple(parsers(None)) == READ_NAMES


@pytest.mark.parametrize("text", ["16cec50610036665", "16CEC50610036665"])
def test_a_serial_number_is_put_in_upper_case(text: str) -> None:
    assert parsed("serial_number", text) == "16CEC50610036665"


@pytest.mark.parametrize(("length", "expected"), [(1, "A"), (32, "A" * 32), (33, None)])
def test_a_serial_number_has_up_to_32_characters(length: int, expected: str | None) -> None:
    result = parsed("serial_number", "a" * length)
    assert result == expected if expected else SERIAL in result


@pytest.mark.parametrize(
    "text", ["16CEC 1", "-A1", "A1-", "A_1", "Ñ1", "ß", "\u0131", "١٢", "\uff211", "1.6E+15", "A\u200b1"]
)
def test_other_characters_in_a_serial_number_are_refused(text: str) -> None:
    assert parsed("serial_number", text) == SERIAL


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", 1), ("TRUE", 1), ("Yes", 1), ("1", 1), ("false", 0), ("FALSE", 0), ("no", 0), ("0", 0)],
)
def test_whether_it_is_a_canary_in_the_words_of_spreadsheets(text: str, value: int) -> None:
    assert parsed("is_canary", text) == value


@pytest.mark.parametrize("text", ["ja", "verdadero", "2", "-1", "canary"])
def test_any_other_word_for_a_canary_is_refused(text: str) -> None:
    assert parsed("is_canary", text) == "true or false."


@pytest.mark.parametrize("text", ["America/Punta_Arenas", "america/punta arenas", " AMERICA/PUNTA_ARENAS "])
def test_a_time_zone_is_taken_however_it_is_written(text: str) -> None:
    assert parsed("time_zone", text.strip()) == "America/Punta_Arenas"


@pytest.mark.parametrize(
    "text", ["Chile", "-03:00", "localtime", "posixrules", "right/America/Santiago", "Punta Arenas"]
)
def test_what_is_no_place_is_no_time_zone(text: str) -> None:
    said = f"“{text}” is not a time zone; write it like America/Santiago or Europe/Rome."
    assert parsed("time_zone", text) == said


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("243", 243),
        ("0243", 243),
        ("00000000000243", 243),
        ("225.0", 225),
        ("0.0", 0),
        ("2147483647", 2147483647),
    ],
)
def test_customers_are_whole_numbers_from_0(text: str, value: int) -> None:
    assert parsed("customers", text) == value


@pytest.mark.parametrize(
    "text",
    [
        "-3",
        "-0",
        "2147483648",
        "99999999999",
        "1.000",
        "12,5",
        ".0",
        "1.00",
        "1,000",
        "1_000",
        "1e3",
        "٣",
        "²",
        "many",
        "1 2",
        "9" * 5000,
    ],
)
def test_anything_else_is_no_number_of_customers(text: str) -> None:
    assert parsed("customers", text) == CUSTOMERS


@pytest.mark.parametrize(("text", "value"), [("1", 1), ("4059", 4059), ("65535", 65535)])
def test_ports_go_from_1_to_65535(text: str, value: int) -> None:
    assert parsed("management_port", text) == value


@pytest.mark.parametrize("text", ["0", "65536", "99999", "-1", "http"])
def test_other_ports_are_refused(text: str) -> None:
    assert parsed("management_port", text) == PORT


@pytest.mark.parametrize("text", ["0.0.0.0", "10.60.0.10", "255.255.255.255"])
def test_ipv4_addresses_are_taken(text: str) -> None:
    assert parsed("management_ip", text) == text


@pytest.mark.parametrize(
    "text", ["10.60.300.1", "10.60.0", "010.60.0.1", "::1", "10.60.0.1/24", "host", "10.60.0.1:80"]
)
def test_other_addresses_are_refused(text: str) -> None:
    assert parsed("management_ip", text) == ADDRESS


@pytest.mark.parametrize("column", TEXTS)
def test_texts_are_taken_up_to_the_length_of_the_model(column: str) -> None:
    assert parsed(column, "Ñ" * 100) == "Ñ" * 100
    assert "at most 100 characters (it has 101)" in parsed(column, "Ñ" * 101)


@pytest.mark.parametrize("column", TEXTS)
@pytest.mark.parametrize("text", ["two\nlines", "a\tb", "nul\0", "\x1b[31m"])
def test_texts_of_several_lines_and_control_characters_are_refused(column: str, text: str) -> None:
    assert parsed(column, text) == ONE_LINE


@pytest.mark.parametrize("column", READ_NAMES)
@pytest.mark.parametrize("text", ["=1+1", '=HYPERLINK("x")', "+56", "@SUM(A1)", "\uff1d1", "\uff20A", "\ufe66x"])
def test_formulas_are_refused_in_every_column(column: str, text: str) -> None:
    assert parsed(column, text) == FORMULA


@pytest.mark.parametrize("text", ["#N/A", "#REF!", "#DIV/0!"])
def test_errors_of_the_spreadsheet_are_refused(text: str) -> None:
    assert parsed("substation", text) == "An error of the spreadsheet; write the value itself."


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'=x", "=x"),
        ("'+56", "+56"),
        ("'@a", "@a"),
        ("'-3", "-3"),
        ("-3", "-3"),
        ("'\uff1dx", "\uff1dx"),
        ("\uff0d", "\uff0d"),
        ("'t Hof", "'t Hof"),
    ],
)
def test_the_apostrophe_that_marks_a_text_in_spreadsheets_is_taken_off(text: str, value: str) -> None:
    assert parsed("substation", text) == value


@pytest.mark.parametrize("text", ["Wake up Ñ 10 min", "WAKE UP ñ 10 MIN", "wake up n\u0303 10 min"])
def test_a_profile_is_found_without_regard_to_case(text: str) -> None:
    profile = SpontaneousProfileFactory.create(name="Wake up Ñ 10 min")
    assert parsed("profile", text) == profile.pk


def test_an_unknown_profile_lists_what_there_is() -> None:
    for name in ("b", "A"):
        SpontaneousProfileFactory.create(name=name)
    assert parsed("profile", "c") == "No spontaneous profile has this name; there are: A, b."


def test_without_any_profile_that_is_said() -> None:
    assert parsed("profile", "c") == "No spontaneous profile has this name; there are: none yet."


def test_a_type_is_found_without_regard_to_case_but_as_written_first() -> None:
    lower, upper = ConcentratorTypeFactory.create(name="box1"), ConcentratorTypeFactory.create(name="BOX1")
    assert (parsed("type", "box1"), parsed("type", "BOX1")) == (lower.pk, upper.pk)
    assert parsed("type", "Box1") in (lower.pk, upper.pk)


def test_an_unknown_type_lists_what_there_is() -> None:
    ConcentratorTypeFactory.create()
    assert parsed("type", "CERCO9") == "No type has this name; there are: CERCO1."


@pytest.mark.parametrize(
    "values",
    [
        {"serial_number": "a" * 32, "customers": "2147483647", "management_port": "65535", "management_ip": "0.0.0.0"},
        {"serial_number": "0", "customers": "0", "management_port": "1", "management_ip": "255.255.255.255"},
        {"serial_number": "A1", "manufacturer": "Ñ" * 100, "substation": "'=x", "feeder": "-"},
    ],
)
def test_what_is_taken_satisfies_the_model(values: dict[str, str]) -> None:
    accepted = {column: parsed(column, text) for column, text in values.items()}
    concentrator = Concentrator(company=CompanyFactory.create(), type=ConcentratorTypeFactory.create(), **accepted)
    concentrator.full_clean()
    concentrator.save()
    concentrator.refresh_from_db()
    assert {column: getattr(concentrator, column) for column in values} == accepted


def test_repeated_values_are_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parse = parsers(None)["substation"]
    parse("Maipu")
    monkeypatch.setattr(columns, "plain", lambda text: pytest.fail(f"parsed {text} again"))
    assert parse("Maipu") == "Maipu"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (RowError(6, "management_ip", "10.60.300.1", "Wrong."), "line 6, management_ip “10.60.300.1”: Wrong."),
        (RowError(7, "serial_number", "", "Missing."), "line 7, serial_number: Missing."),
        (RowError(8, "", "", "12 cells."), "line 8: 12 cells."),
        (RowError(9, "feeder", "a\nb\x1b", "Wrong."), "line 9, feeder “a\ufffdb\ufffd”: Wrong."),
        (RowError(9, "feeder", "x" * 61, "Wrong."), f"line 9, feeder “{'x' * 60}…”: Wrong."),
    ],
)
def test_an_error_is_one_line_that_names_the_cell(error: RowError, text: str) -> None:
    assert str(error) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10.60.0.0/16", "10.60.0.0/16"),
        ("10.61.7.8, 2001:db8::/32", "10.61.7.8/32 2001:db8::/32"),
        ("0.0.0.0/0", "0.0.0.0/0"),
    ],
)
def test_expected_networks_are_stored_in_one_way(text: str, value: str) -> None:
    assert parsed("expected_networks", text) == value


@pytest.mark.parametrize("text", ["10.60.0.1/16", "10.60", "300.1.1.1", "10.0.0.0/8;10.1.0.0/16"])
def test_anything_else_is_no_network(text: str) -> None:
    assert parsed("expected_networks", text).startswith("“")  # with the word that is none


def test_more_networks_than_there_is_room_for_are_refused() -> None:
    assert "at most 200 characters" in str(parsed("expected_networks", "10.60.0.0/16 " * 16))


@pytest.mark.parametrize("text", ["as last heard", "As Last Heard", "AS LAST HEARD"])
def test_a_management_address_is_found_without_regard_to_case(text: str) -> None:
    assert parsed("management_address", text) == "as last heard"


@pytest.mark.parametrize("text", ["heard", "as last  heard", "10.60.0.10", "ﬁxed"])
def test_anything_else_is_no_management_address(text: str) -> None:
    assert parsed("management_address", text) == "One of: fixed, as last heard."
