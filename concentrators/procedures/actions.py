"""Installing concentrators, giving them another profile, taking them out of the field and back into the store.

CON-2 and CON-4. An ``Action`` is the only definition of what such a change does: pages, API, installation files and
the audit all use it.

Every bulk change takes its locks in the same order: the company (files only), then the profiles by key, then the
procedure profile, then the concentrators by serial number. So two operators may wait for each other but never
deadlock. The locks do not block foreign keys, so a listener can go on counting the messages of a concentrator that is
being installed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.utils.translation import gettext_noop, ngettext_lazy

from concentrators.models import Concentrator, State
from concentrators.procedures.bulk import CHUNK, BulkChange
from concentrators.procedures.held import (
    InstallationError,
    hold_procedure,
    lock_profiles,
    locked,
    refuse_profiles_of_others,
)
from profiles.models import ProcedureProfile, SpontaneousProfile
from profiles.named import NamedProfile
from smmeplus.common.chunks import in_chunks
from smmeplus.common.progress import Progress, no_progress
from smmeplus.common.text import some_of

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class Done(NamedTuple):
    """How many concentrators an action changed, and the id of their audit rows (ACC-3); None if there are none."""

    changed: int
    audit_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class Action:
    """What an operator does to concentrators, one or many.

    ``word`` names it in the audit. It applies to concentrators in one of the states ``takes``. ``values`` returns the
    attributes to set, given the key of the profile and the time of the action.
    """

    word: str
    takes: frozenset[State]
    refusal: StrPromise
    needs_profile: bool
    values: Callable[[int | None, datetime], Mapping[str, object]]

    @property
    def puts_in(self) -> bool:
        """Whether it is for those that are not in field."""
        return State.IN_FIELD not in self.takes

    def __call__(
        self,
        chosen: QuerySet[Concentrator],
        profile: SpontaneousProfile | None = None,
        *,
        user: User | None,
        now: datetime,
        procedure: ProcedureProfile | None = None,
        number: int | None = None,
        progress: Progress = no_progress,
    ) -> Done:
        """Change all of ``chosen`` that do not have the new values yet, in one transaction: all or none.

        ``procedure`` says how that is carried out (PRC-1); None stands for the default one. Raises InstallationError
        if a profile has been deleted or is another company's, if ``number`` was confirmed and others are chosen now, or
        if some are in another state, for example because another operator has changed them; the message names those.
        """
        if self.needs_profile != (profile is not None):
            raise TypeError(f"{self.word}: a profile is needed or it is not")
        values = self.values(profile.pk if profile else None, now)
        with transaction.atomic():
            if profile:
                lock_profiles([profile.pk])
            held = hold_procedure(procedure)
            change = BulkChange(self.word, user=user, now=now, procedure=held, profile=profile)
            owned = [one for one in (profile, held) if one and one.company_id]
            changed = self._change(_keys(chosen, number), values, change, progress, owned)
        return Done(changed, change.id if changed else None)

    def _change(
        self,
        everything: list[int],
        values: Mapping[str, object],
        change: BulkChange,
        progress: Progress,
        owned: Sequence[NamedProfile],
    ) -> int:
        changed = done = 0
        refused: list[str] = []
        for keys in in_chunks(everything, CHUNK):
            concentrators = list(locked(Concentrator.objects.filter(pk__in=keys)))
            _refuse_profiles_of_others(owned, concentrators)
            refused += [one.serial_number for one in concentrators if one.state not in self.takes]
            if not refused:
                changed += _set([one.pk for one in concentrators if _differs(one, values)], values, change)
            done += len(keys)
            progress(done, len(everything))
        if refused:
            raise self._refusal(refused)
        return changed

    def _refusal(self, refused: Sequence[str]) -> InstallationError:
        code = "in_field" if self.puts_in else "not_in_field"
        error = InstallationError(self.refusal % {"serials": some_of(refused)}, code)
        error.refused, error.each = refused, self.refusal
        return error


@dataclass(frozen=True, kw_only=True)
class ChosenAction(Action):
    """An action with a page on which the operator chooses the concentrators (CON-2…4).

    The page lists those in the state ``offers``. ``question``, ``done`` and ``nothing`` take
    ``count`` and ``profile``.
    """

    offers: State
    title: StrPromise
    heading: StrPromise
    submit_label: StrPromise
    question: StrPromise
    done: StrPromise
    nothing: StrPromise | str = ""  # said where all of them are already as they shall be
    takes_out: bool = False  # of the field


#: The page offers available concentrators only (CON-2): “select all that match” must not reinstall everything that was
#: ever removed. API and files name each concentrator by its serial number, and may install removed ones, too.
install = ChosenAction(
    word=gettext_noop("installation"),
    offers=State.AVAILABLE,
    takes=frozenset({State.AVAILABLE, State.REMOVED}),
    refusal=_l("In field already: %(serials)s. Give them another profile with “Concentrator modification”."),
    needs_profile=True,
    values=lambda profile_id, now: {"state": State.IN_FIELD, "profile_id": profile_id, "installed_at": now},
    title=_l("Concentrator installation"),
    heading=_l("Add Concentrator installation"),
    submit_label=_l("Install"),
    question=ngettext_lazy(
        "Install %(count)d concentrator with profile “%(profile)s”?",
        "Install %(count)d concentrators with profile “%(profile)s”?",
        "count",
    ),
    done=ngettext_lazy(
        "%(count)d concentrator was installed with profile “%(profile)s”.",
        "%(count)d concentrators were installed with profile “%(profile)s”.",
        "count",
    ),
)

#: Keeps the time of installation, from which silence is measured (STA-2).
modify = ChosenAction(
    word=gettext_noop("modification"),
    offers=State.IN_FIELD,
    takes=frozenset({State.IN_FIELD}),
    refusal=_l("Not in field: %(serials)s. Install them with “Concentrator installation”."),
    needs_profile=True,
    values=lambda profile_id, _now: {"profile_id": profile_id},
    title=_l("Concentrator modification"),
    heading=_l("Give concentrators another profile"),
    submit_label=_l("Modify"),
    question=ngettext_lazy(
        "Give %(count)d concentrator the profile “%(profile)s”?",
        "Give %(count)d concentrators the profile “%(profile)s”?",
        "count",
    ),
    done=ngettext_lazy(
        "%(count)d concentrator got the profile “%(profile)s”.",
        "%(count)d concentrators got the profile “%(profile)s”.",
        "count",
    ),
    nothing=ngettext_lazy(
        "The selected concentrator has the profile “%(profile)s” already. There is nothing to do.",
        "All %(count)d selected concentrators have the profile “%(profile)s” already. There is nothing to do.",
        "count",
    ),
)

#: Keeps the history, the counters and the time of the last installation.
remove = ChosenAction(
    word=gettext_noop("removal"),
    offers=State.IN_FIELD,
    takes=frozenset({State.IN_FIELD}),
    takes_out=True,
    refusal=_l("Not in field: %(serials)s. Nothing to remove."),
    needs_profile=False,
    values=lambda _profile_id, _now: {"state": State.REMOVED, "profile_id": None},
    title=_l("Concentrator removal"),
    heading=_l("Take concentrators out of the field"),
    submit_label=_l("Remove"),
    question=ngettext_lazy(
        "Remove %(count)d concentrator from the field? Its history stays.",
        "Remove %(count)d concentrators from the field? Their history stays.",
        "count",
    ),
    done=ngettext_lazy(
        "%(count)d concentrator was removed from the field.",
        "%(count)d concentrators were removed from the field.",
        "count",
    ),
)

#: Makes a removed one available for installation again. Keeps the time of the last installation.
make_available = Action(
    word=gettext_noop("return to store"),
    takes=frozenset({State.REMOVED}),
    refusal=_l("Not removed from the field: %(serials)s."),
    needs_profile=False,
    values=lambda _profile_id, _now: {"state": State.AVAILABLE},
)


def giving_profile(state: str) -> Action:
    return modify if state in modify.takes else install


def _refuse_profiles_of_others(owned: Sequence[NamedProfile], concentrators: Collection[Concentrator]) -> None:
    for company in {one.company_id for one in concentrators} if owned else ():
        refuse_profiles_of_others(owned, company)


def _keys(chosen: QuerySet[Concentrator], number: int | None) -> list[int]:
    """The keys of ``chosen``, read once: a filter on the state, or a slice, would match others after each chunk."""
    in_order = Concentrator.objects.filter(pk__in=chosen.values("pk")).order_by("serial_number")
    keys = list(in_order.values_list("pk", flat=True))
    if number not in (None, len(keys)):
        raise InstallationError(
            _("What you chose has changed this very moment, so nothing was done. Look once more."), "changed_meanwhile"
        )
    return keys


def _differs(concentrator: Concentrator, values: Mapping[str, object]) -> bool:
    return any(getattr(concentrator, name) != value for name, value in values.items())


def _set(keys: list[int], values: Mapping[str, object], change: BulkChange) -> int:
    if not keys:
        return 0
    changing = Concentrator.objects.filter(pk__in=keys)
    changed = changing.update(**values)
    change.record(changing)
    return changed
