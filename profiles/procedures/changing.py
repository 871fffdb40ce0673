from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from profiles.models import ProcedureProfile
from smmeplus.common.stale.refusing import deletion_in_words


def why_no_default(profile: ProcedureProfile) -> str:
    """Why it cannot hold where none is chosen; empty if it can."""
    if profile.company_id is None:
        return ""
    return _("“%(name)s” belongs to one company; the default holds for all of them.") % {"name": profile}


def make_default(profile: ProcedureProfile) -> None:
    """Let ``profile`` hold where none is chosen.

    Raises ValidationError if it is one company's, or has been deleted meanwhile.
    """
    if refusal := why_no_default(profile):
        raise ValidationError(refusal)
    with transaction.atomic():
        # All of them: of two who choose at once, the second has to see what the first has made the default.
        stored = {one.pk: one for one in ProcedureProfile.objects.select_for_update().order_by("pk")}
        chosen = stored.get(profile.pk)
        if chosen is None:
            raise ValidationError(deletion_in_words(ProcedureProfile, profile.pk))
        if chosen.is_default:
            return
        for former in stored.values():
            if former.is_default:
                _set(former, is_default=False)
        _set(chosen, is_default=True)


def _set(profile: ProcedureProfile, *, is_default: bool) -> None:
    profile.is_default = is_default
    profile.save()
