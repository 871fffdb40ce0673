"""Files of meters from the web, by hand and from a folder: one way in for all of them (MET-2)."""

from concentrators.meters.importing.contents import import_content
from concentrators.meters.importing.outcome import Imported, ImportedList, ImportRow, RefusedFile

__all__ = ["ImportRow", "Imported", "ImportedList", "RefusedFile", "import_content"]
