"""The only functions that change stored profiles (PRO-6)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from profiles.named import NamedProfile
from smmeplus.common.stale.refusing import deletion_in_words

#: The code of the refusal to change the parameters of a profile that is in use.
IN_USE = "in use"

_P = TypeVar("_P", bound=NamedProfile)


def save_profile(profile: NamedProfile, refuse: Callable[[NamedProfile], None] | None = None) -> None:
    """Store a new or changed profile.

    ``refuse`` may look at the stored one, which is locked, and raise ValidationError. So does this if in the meantime
    its name was taken, it came into use, or it was deleted.
    """
    try:
        with transaction.atomic():
            _refuse_taken_name(profile)
            if profile.pk is not None:
                stored = _locked(profile)
                if stored is None:
                    raise ValidationError(deletion_in_words(type(profile), profile.pk))
                if refuse is not None:
                    refuse(stored)
                _refuse_changed_parameters_in_use(profile, stored)
            profile.save()
    except IntegrityError:
        raise _just_taken() from None


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


def _refuse_taken_name(profile: NamedProfile) -> None:
    """One who gives a name waits here for another: a name of one company's and the same of all break no constraint."""
    of_kind = ContentType.objects.get_for_model(profile)
    ContentType.objects.select_for_update(no_key=True).get(pk=of_kind.pk)
    if profile.namesake() or profile.look_alike():
        raise _just_taken()


def _just_taken() -> ValidationError:
    return ValidationError({"name": _("Somebody has just taken this name; choose another one.")})


def _refuse_changed_parameters_in_use(profile: NamedProfile, stored: NamedProfile) -> None:
    if stored.parameters() == profile.parameters():
        return
    count = stored.users()
    if count:
        raise ValidationError(stored.in_use_sentence(count), code=IN_USE)


def _locked(profile: _P) -> _P | None:
    # An installation locks the same row, so nothing can begin to use the profile in between.
    return QuerySet(type(profile)).select_for_update().filter(pk=profile.pk).first()
