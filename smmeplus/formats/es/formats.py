"""Short dates with seconds, day first; thousands with a point, as in Chile."""

DATETIME_FORMAT = "d/m/Y H:i:s"
SHORT_DATETIME_FORMAT = DATETIME_FORMAT
DATE_FORMAT = "d/m/Y"
THOUSAND_SEPARATOR = "."
