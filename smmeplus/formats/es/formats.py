"""Short dates with seconds, day first."""

DATETIME_FORMAT = "d/m/Y H:i:s"
SHORT_DATETIME_FORMAT = DATETIME_FORMAT
DATE_FORMAT = "d/m/Y"
