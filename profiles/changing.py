"""The only functions that change stored profiles (PRO-6)."""

from __future__ import annotations

from typing import TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from profiles.named import NamedProfile

_P = TypeVar("_P", bound=NamedProfile)


def save_profile(profile: NamedProfile) -> None:
    """Store a new or changed profile.

    Raises ValidationError if in the meantime its name was taken, it came into use, or it was deleted.
    """
    try:
        with transaction.atomic():
            if profile.pk is not None:
                _refuse_changed_parameters_in_use(profile)
            profile.save()
    except IntegrityError:
        raise ValidationError({"name": _("Somebody has just taken this name; choose another one.")}) from None


def delete_profile(profile: NamedProfile) -> None:
    """Delete a profile, if it still exists. Raises ValidationError if it has to stay."""
    with transaction.atomic():
        stored = _locked(profile)
        if stored is None:
            return
        refusal = stored.why_it_stays()
        if refusal:
            raise ValidationError(refusal)
        stored.delete()


def _refuse_changed_parameters_in_use(profile: NamedProfile) -> None:
    stored = _locked(profile)
    if stored is None:
        raise ValidationError(_("Somebody has just deleted this profile."))
    if stored.parameters() == profile.parameters():
        return
    count = stored.users()
    if count:
        raise ValidationError(stored.in_use_sentence(count))


def _locked(profile: _P) -> _P | None:
    # An installation locks the same row, so nothing can begin to use the profile in between.
    return QuerySet(type(profile)).select_for_update().filter(pk=profile.pk).first()
