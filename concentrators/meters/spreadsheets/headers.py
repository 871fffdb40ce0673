"""The first line of a file of meters: which file it is, and which column is where (MET-2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from django.conf import settings
from django.utils.translation import override

from concentrators.importing.header import Header, columns_of, letters, named
from concentrators.models import Meter, Sighting

CONCENTRATOR, METER = "concentrator", "meter"
#: In the order of the template.
SIGHTING_COLUMNS = (
    *(CONCENTRATOR, METER, "state", "active", "first_seen", "last_seen", "level", "repeater", "mac"),
    *("lnid", "sid", "lsid", "phase", "rx_level", "snr", "availability", "changes"),
    *("manufacturer", "type", "kind", "list_date", "whole"),
)
MASTER_COLUMNS = (METER, "manufacturer", "type", "kind", "mac", "expected_concentrator", "supply_point", "retired")
#: Whose values are numbers, of which a sheet may show fewer digits than it has, or truth values.
NUMBERS = frozenset(
    {"state", "level", "lnid", "sid", "lsid", "rx_level", "snr", "availability", "changes"}
    | {"active", "whole", "retired"}
)

#: What the columns are called besides their names and the labels of the pages: first in English, then elsewhere.
WORDS: Mapping[str, tuple[str, ...]] = {
    CONCENTRATOR: (
        *("concentrator name", "serial number", "concentrador", "nombre del concentrador", "número de serie"),
        *("concentratore", "nome del concentratore", "numero di serie"),
    ),
    METER: (
        *("meter name", "medidor", "nombre del medidor", "contador", "contatore", "nome del contatore", "misuratore"),
    ),
    "state": ("estado", "stato"),
    "active": ("activo", "attivo"),
    "first_seen": ("first contact", "primer contacto", "primera vez", "primo contatto", "prima volta"),
    "last_seen": ("last contact", "último contacto", "última vez", "ultimo contatto", "ultima volta"),
    "level": ("nivel", "livello"),
    "repeater": ("repetidor", "ripetitore"),
    "mac": ("mac address", "dirección mac", "indirizzo mac"),
    "phase": ("fase",),
    "rx_level": ("reception level", "nivel de recepción", "livello di ricezione"),
    "availability": ("availability %", "disponibilidad", "disponibilità"),
    "changes": ("changes a day", "cambios", "cambios al día", "cambi", "cambi al giorno"),
    "manufacturer": ("fabricante", "produttore", "costruttore"),
    "type": ("tipo", "modelo", "modello"),
    "kind": ("clase", "genere"),
    "list_date": ("date of the list", "fecha de la lista", "data della lista", "data dell'elenco"),
    "whole": ("whole list", "lista completa", "completa", "elenco completo", "completo"),
    "expected_concentrator": ("concentrador esperado", "concentratore previsto", "concentratore atteso"),
    "supply_point": ("punto de suministro", "cups", "punto di fornitura", "punto di prelievo", "pod"),
    "retired": ("retired at", "retirado", "fecha de retiro", "dismesso", "ritirato"),
    "company": ("empresa", "compañía", "azienda", "società"),
}


def columns_in(cells: Sequence[str]) -> tuple[bool, tuple[str, ...]]:
    """Whether these are the columns of a master file, and which; else they are of sightings.

    A master file names no concentrator but the expected one. Raises UnreadableFile that says what is wrong.
    """
    is_master = CONCENTRATOR not in named(cells, SIGHTINGS) and METER in named(cells, MASTER)
    return is_master, columns_of(cells, MASTER if is_master else SIGHTINGS)


def _names(columns: Sequence[str]) -> dict[str, str]:
    called: dict[str, str] = {}
    for language, _language in settings.LANGUAGES:
        with override(language):
            called |= {letters(label): name for name in columns for label in _labels(name)}
    # Last, because a label of a page may be the word for two columns in one of the languages.
    called |= {letters(word): name for name in columns for word in WORDS.get(name, ())}
    return called | {letters(name): name for name in columns}


def _labels(name: str) -> list[str]:
    fields = {field.name: field for model in (Sighting, Meter) for field in model._meta.concrete_fields}
    field = fields.get(name)
    return [str(field.verbose_name)] if field else []


@cache
def _sighting_names() -> dict[str, str]:
    return _names(SIGHTINGS.known)


@cache
def _master_names() -> dict[str, str]:
    return _names(MASTER.known)


SIGHTINGS = Header((CONCENTRATOR, METER), SIGHTING_COLUMNS, _sighting_names)
MASTER = Header((METER,), MASTER_COLUMNS, _master_names, compared=("company",))
