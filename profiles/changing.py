"""The only functions that change stored profiles (PRO-6)."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from profiles.models import SpontaneousProfile


def save_profile(profile: SpontaneousProfile) -> None:
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


def delete_profile(profile: SpontaneousProfile) -> None:
    """Delete a profile, if it still exists. Raises ValidationError if concentrators use it."""
    with transaction.atomic():
        stored = _locked(profile)
        if stored is None:
            return
        count = stored.concentrators.count()
        if count:
            raise ValidationError(in_use_sentence(stored, count))
        stored.delete()


def in_use_sentence(profile: SpontaneousProfile, count: int) -> str:
    """Why ``profile``, which ``count`` concentrators use, cannot be changed or deleted."""
    return ngettext(
        "“%(name)s” is used by %(count)d concentrator: its parameters cannot change and it cannot be deleted.",
        "“%(name)s” is used by %(count)d concentrators: its parameters cannot change and it cannot be deleted.",
        count,
    ) % {"name": profile, "count": count}


def _refuse_changed_parameters_in_use(profile: SpontaneousProfile) -> None:
    stored = _locked(profile)
    if stored is None:
        raise ValidationError(_("Somebody has just deleted this profile."))
    if stored.parameters() == profile.parameters():
        return
    count = stored.concentrators.count()
    if count:
        raise ValidationError(in_use_sentence(stored, count))


def _locked(profile: SpontaneousProfile) -> SpontaneousProfile | None:
    # An installation locks the same row, so no concentrator can get the profile in between.
    return SpontaneousProfile.objects.select_for_update().filter(pk=profile.pk).first()
