"""The header of an installation file (CON-5)."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.utils import translation

from concentrators.importing import COLUMN_NAMES, UnreadableFile, header
from concentrators.importing.header import columns_of

WHAT_IS_RIGHT = (
    "The first line names the columns: serial_number is needed; these may stand there, too: "
    "type, manufacturer, profile, management_ip, management_port, substation, feeder, customers, expected_networks, "
    "management_address, region, carrier, time_zone, is_canary, management_password, "
    "system_title, unicast_key, authentication_key, ciphered_only."
)


def refusal(*cells: str) -> str:
    with pytest.raises(UnreadableFile) as error:
        columns_of(cells)
    return str(error.value)


def test_the_columns_of_the_specification_are_taken_in_any_order() -> None:
    assert columns_of(COLUMN_NAMES) == COLUMN_NAMES
    assert columns_of(COLUMN_NAMES[::-1]) == COLUMN_NAMES[::-1]


def test_the_serial_number_alone_is_enough() -> None:
    assert columns_of(["serial_number"]) == ("serial_number",)


@pytest.mark.parametrize("name", ["Serial_Number", "SERIAL NUMBER", "  serial  number ", "serial\u00a0number"])
def test_case_and_spaces_do_not_matter(name: str) -> None:
    assert columns_of([name, "Management IP"]) == ("serial_number", "management_ip")


@pytest.mark.parametrize(
    "name",
    [
        "serial-number",
        "Serial Number *",
        "*serial_number*",
        "SERIAL.NUMBER",
        "serial number:",
        "SerialNumber",
        "Serial\nnumber",
    ],
)
def test_signs_between_and_behind_the_words_do_not_matter(name: str) -> None:
    assert columns_of([name]) == ("serial_number",)


@pytest.mark.parametrize(
    ("names", "columns"),
    [
        ("Serial number;Substation;Customers;State", "serial_number substation customers state"),
        ("Número de serie;Subestación;Alimentador;Clientes", "serial_number substation feeder customers"),
        ("numero de serie;TIPO;Fabricante;Empresa;Estado", "serial_number type manufacturer company state"),
        ("Numero di serie;Cabina;Linea (feeder);Clienti", "serial_number substation feeder customers"),
        ("Nu\u0301mero de serie;Perfil espontáneo", "serial_number profile"),
        ("Numero di serie;IP di gestione;Porta di gestione", "serial_number management_ip management_port"),
        ("Serial number;Customers served;Canary", "serial_number customers is_canary"),
        ("Serial number;Zone", "serial_number time_zone"),
        ("Numero di serie;Fuso orario", "serial_number time_zone"),
        ("concentrator_name;spontaneous_profile;feeder", "serial_number profile feeder"),
        ("Nombre del concentrador;Perfil espontáneo", "serial_number profile"),
    ],
)
def test_the_labels_of_our_pages_are_taken_in_each_language(names: str, columns: str) -> None:
    with translation.override("it"):  # whatever the user's own is
        assert columns_of(names.split(";")) == tuple(columns.split())


def test_no_two_columns_share_a_label() -> None:
    found: dict[str, set[str]] = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            for column in header.KNOWN:
                for label in [column, *header._labels(column)]:
                    found.setdefault(header.letters(label), set()).add(column)
    assert [label for label, columns in found.items() if len(columns) > 1] == []


def test_empty_cells_at_the_end_are_no_columns() -> None:
    assert columns_of(["serial_number", "feeder", "", " "]) == ("serial_number", "feeder")


def test_an_empty_cell_before_a_column_is_refused_with_its_number() -> None:
    assert refusal("serial_number", "", "feeder", " ", "type") == (
        f"No name in the header for column 2, 4. {WHAT_IS_RIGHT}"
    )


def test_an_unknown_column_is_refused() -> None:
    assert refusal("serial_number", "Town") == f"Unknown in the header: town. {WHAT_IS_RIGHT}"


def test_twenty_unknown_columns_are_counted_and_five_named() -> None:
    message = refusal("serial_number", *[f"extra {number}" for number in range(20)])
    assert message.startswith("Unknown in the header: extra_0, extra_1, extra_2, extra_3, extra_4 and 15 more.")


def test_a_column_that_comes_twice_is_refused() -> None:
    assert refusal("serial_number", "feeder", "Feeder ") == f"Twice in the header: feeder. {WHAT_IS_RIGHT}"


def test_a_header_without_serial_number_is_refused() -> None:
    assert refusal("type", "feeder") == f"Missing in the header: serial_number. {WHAT_IS_RIGHT}"


def test_everything_that_is_wrong_is_said_at_once() -> None:
    message = refusal("town", "", "type", "type")
    for part in ("column 2.", "Unknown in the header: town.", "Twice in the header: type.", "Missing in the header:"):
        assert part in message


def test_a_first_line_that_is_no_header_is_shown_shortened_and_without_control_characters() -> None:
    assert f"Unknown in the header: {'x' * 60}…" in refusal("x" * 1000)
    assert "\x1b" not in refusal("\x1b[31mred")
