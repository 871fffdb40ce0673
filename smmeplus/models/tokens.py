"""What a token for the API may do, and what is known of its use (API-1).

The token itself, its hash, its user and its end are rows of knox. Tokens of before have no details: they are called by
how they begin, and may do all that their user may.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _l

from concentrators.models.networks import MAX_TEXT

MAX_NAME: Final = 40


class TokenDetails(models.Model):
    token: models.OneToOneField[Any, Any] = models.OneToOneField(
        settings.KNOX_TOKEN_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="details"
    )
    name = models.CharField(_l("name"), max_length=MAX_NAME)
    may_write = models.BooleanField(_l("read and write"), default=True)
    #: Keys of companies; empty: all of the user's, now and later. One that is deleted stays here: else the last one to
    #: go would leave a token of all.
    companies = models.JSONField(_l("companies"), default=list)
    networks = models.CharField(_l("networks"), max_length=MAX_TEXT, blank=True)
    made_from = models.GenericIPAddressField(_l("made from"), null=True)
    #: By UTC. A day is enough to find what is not used any more, and is written once a day, not with each request.
    last_used_on = models.DateField(_l("last used"), null=True)
    #: When its owner was told by e-mail that it ends.
    warned_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _l("API token")
        verbose_name_plural = _l("API tokens")
        default_permissions = ()

    def __str__(self) -> str:
        return self.name

    @property
    def is_nameless(self) -> bool:
        """Whether it is one of before, which had no names."""
        return self.name == begin_of(self.token)


def details_of(token: Any) -> TokenDetails:
    """Those of a row of knox, which may be unsaved defaults."""
    stored: TokenDetails | None = getattr(token, "details", None)
    return stored or TokenDetails(token=token, name=begin_of(token))


def begin_of(token: Any) -> str:
    """What of a token may be shown."""
    return f"{token.token_key}…"


def note_use(details: TokenDetails, today: date) -> None:
    """One write a day, whichever process comes first."""
    if details.last_used_on == today:
        return
    details.last_used_on = today
    TokenDetails.objects.bulk_create(
        [details], update_conflicts=True, unique_fields=["token"], update_fields=["last_used_on"]
    )
