from __future__ import annotations

from django_otp.plugins.otp_totp.models import TOTPDevice

from smmeplus.people.second_factor.sealing import opened


class Authenticator(TOTPDevice):  # type: ignore[misc] # it has no types
    """An app that shows codes. ``key`` is sealed: a copy of the database makes nobody a second factor."""

    class Meta:
        proxy = True
        default_permissions = ()

    @property
    def bin_key(self) -> bytes:
        """Raises SealError where it was sealed by a SECRET_KEY that is not known any more."""
        return opened(self.key)
