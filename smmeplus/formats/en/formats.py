"""Dates as the reference system shows them in English: 9/24/2020 10:18:46 AM (REP-4)."""

DATETIME_FORMAT = "n/j/Y g:i:s A"
SHORT_DATETIME_FORMAT = DATETIME_FORMAT
DATE_FORMAT = "n/j/Y"
