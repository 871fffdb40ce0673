"""Django's ``makemessages`` as ``make messages`` uses it: the texts of the product into its catalogues (UI-3)."""

from __future__ import annotations

from pathlib import Path

from django.core.management.commands import makemessages

#: It would change with every run, and so make a difference where there is none.
NOISE = '"POT-Creation-Date:'


class Command(makemessages.Command):
    """Finds what is called ``_l`` here, guesses no translation, and changes a catalogue only where messages change."""

    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=_l"]
    # What it takes for similar means something else most of the time, and a guess is easily overlooked.
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]

    def write_po_file(self, potfile: str, locale: str) -> None:
        super().write_po_file(potfile, locale)
        catalogue = Path(potfile).parent / locale / "LC_MESSAGES" / f"{self.domain}.po"
        lines = catalogue.read_text(encoding="utf-8").splitlines(keepends=True)
        catalogue.write_text("".join(line for line in lines if not line.startswith(NOISE)), encoding="utf-8")
