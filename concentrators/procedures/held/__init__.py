"""What an action holds as it is until its transaction ends, and the error of one that cannot (CON-2, PRO-6)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from concentrators.models import Concentrator
from profiles.models import ProcedureProfile, SpontaneousProfile
from profiles.named import NamedProfile

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

_PROCEDURE = """
SELECT * FROM profiles_procedureprofile
WHERE id = COALESCE(%s, (SELECT id FROM profiles_procedureprofile WHERE is_default))
"""


class InstallationError(ValidationError):
    """The action was refused as a whole and nothing was changed; the message is for the operator.

    ``refused`` are the serial numbers of concentrators in another state, and ``each`` is the sentence about one.
    """

    refused: Sequence[str] = ()
    each: StrPromise | str = ""


def lock_profiles(keys: Collection[int]) -> list[SpontaneousProfile]:
    """Hold the profiles as they are until the transaction ends (PRO-6).

    Raises InstallationError when one of them has been deleted.
    """
    profiles = list(SpontaneousProfile.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))
    if len(profiles) < len(keys):
        raise InstallationError(
            _("The spontaneous profile has been deleted meanwhile; choose another one."), "profile_gone"
        )
    return profiles


def refuse_profiles_of_others(profiles: Iterable[NamedProfile | None], company: int) -> None:
    """Raise InstallationError if one of ``profiles`` is another company's than that of the key ``company``."""
    for profile in profiles:
        if profile and profile.company_id not in (None, company):
            raise InstallationError(
                _("“%(name)s” is the profile of another company.") % {"name": profile}, "profile_of_another"
            )


def hold_procedure(procedure: ProcedureProfile | None) -> ProcedureProfile:
    """``procedure``, or the default one if it is None, as it is now, and as it stays until the transaction ends.

    Others may hold it, too: nearly every change uses the default one, and none may wait for the largest. Raises
    InstallationError when it has been deleted.
    """
    lock = "FOR KEY SHARE" if connection.features.has_select_for_update else ""
    rows = ProcedureProfile.objects.raw(f"{_PROCEDURE} {lock}", [procedure and procedure.pk])
    held = next(iter(rows), None)
    if held is None:
        raise InstallationError(
            _("The procedure profile has been deleted meanwhile; choose another one."), "procedure_gone"
        )
    return held


def locked(concentrators: QuerySet[Concentrator]) -> QuerySet[Concentrator]:
    """``concentrators``, locked until the transaction ends, in the order that every bulk change keeps."""
    return concentrators.select_for_update(no_key=True, of=("self",)).order_by("serial_number")
