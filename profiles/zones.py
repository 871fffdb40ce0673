import zoneinfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


def validate_zone(name: str) -> None:
    """Raise ValidationError unless ``name`` is a zone of the IANA database, such as America/Santiago."""
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValidationError(
            _("“%(name)s” is not a time zone; write it like America/Santiago or Europe/Rome.") % {"name": name}
        ) from None
