"""All that is said of files and cells, for gettext: in English here, because a process without Django says it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.translation import gettext_noop
else:  # by its name the texts are found, for catalogues and tests

    def gettext_noop(message):
        return message


EMPTY = gettext_noop("The file is empty.")
NOTHING_BELOW = gettext_noop("The file names no concentrator: there is nothing below its header.")
TOO_MANY_ROWS = gettext_noop("The file has more than %d rows; split it.")
TOO_MANY_BLANK = gettext_noop("The file has more than %(most)d blank lines.")
TOO_WIDE = gettext_noop("Line %(line)d has %(cells)d columns; that is no installation file.")
TOO_LONG = gettext_noop("Line %(line)d has more than %(most)d characters; that is no installation file.")
TOO_MUCH = gettext_noop(
    "Reading this file takes longer or needs more memory than a file of concentrators does; split it."
)
TOO_MUCH_MEMORY = gettext_noop("Reading this file takes more memory than a file of concentrators needs; split it.")

OLD = gettext_noop("This is an old or a protected Excel file; save it as .xlsx without a password, or as CSV.")
NEITHER = gettext_noop("This is neither a CSV nor an XLSX file.")
A_PAGE = gettext_noop("This is a page of HTML or XML, whatever its name says; save it as .xlsx.")
ANOTHER_KIND = gettext_noop("This is an %(kind)s file; save it as .xlsx.")

NO_CELLS = gettext_noop(
    "Line %d cannot be cut into cells: a quotation mark is not closed or misplaced, or a cell is too long."
)
NO_UTF_16 = gettext_noop("The file is damaged: it begins as UTF-16 text, but does not go on so.")
NO_UTF_8 = gettext_noop("Line %d is not in UTF-8. Save the file as “CSV UTF-8”, or as XLSX.")

DAMAGED = gettext_noop("This is not an XLSX file, or a damaged one.")
NO_SHEET = gettext_noop("The XLSX file has no sheet.")
NOTHING_VISIBLE = gettext_noop("The XLSX file has no visible sheet.")
TOO_LARGE = gettext_noop("The XLSX file unpacks to more than %d MiB; split it.")
PART_TOO_LARGE = gettext_noop("The part %(part)s of the XLSX file is larger than %(most)d MiB.")
TOO_MANY_PARTS = gettext_noop("The XLSX file has more than %(most)d parts.")
CELL_TOO_LONG = gettext_noop("A cell of the XLSX file has more text than a spreadsheet allows.")

AN_ERROR = gettext_noop("An error of the spreadsheet; write the value itself.")
A_TRUTH = gettext_noop("A truth value, which each language shows by another word; format the cell as text.")
A_TIME = gettext_noop("This is a date or time in the sheet; format the cell as text.")
LOST_DIGITS = gettext_noop(
    "A number of more than 15 digits, of which a spreadsheet keeps 15: digits are lost. Format the column as text and "
    "type it again."
)
POWER_OF_TEN = gettext_noop(
    "A spreadsheet has made a number of this and shows it as a power of ten: digits are lost. Format the column as "
    "text and type it again."
)
SHOWN_OTHERWISE = gettext_noop(
    "The sheet shows this number in another form; format the column as text and type what is meant."
)
MERGED = gettext_noop("These cells are merged: only the first of them has the value, and the others are empty.")
