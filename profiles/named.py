"""What spontaneous profiles and procedure profiles have in common: a name, and parameters that stay while in use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from profiles.look_alikes import look_alike_key
from profiles.names import MAX_NAME_LENGTH, clean_profile_name, fold_name, normalised_name

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class NamedProfile(models.Model):
    """A profile with a name that is unique without regard to case and to look-alikes (PRO-3)."""

    #: The fields that cannot change while the profile is in use (PRO-6).
    PARAMETERS: ClassVar[tuple[str, ...]]
    #: Why one in use cannot be changed or deleted; takes ``name`` and ``count``.
    IN_USE: ClassVar[StrPromise]

    name = models.CharField(_l("name"), max_length=MAX_NAME_LENGTH)
    name_folded = models.CharField(max_length=3 * MAX_NAME_LENGTH, unique=True, editable=False)
    #: What look-alikes share. None: it looked like another profile before that was refused, and keeps its name.
    name_looks = models.CharField(  # noqa: DJ001 - several may have none, and no two the same
        max_length=8 * MAX_NAME_LENGTH, unique=True, null=True, editable=False
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._stays_a_look_alike():
            self.name_folded, self.name_looks = fold_name(self.name), _looks(self.name)
        super().save(*args, **kwargs)

    def clean_fields(self, exclude: Any = None) -> None:
        super().clean_fields(exclude)
        if "name" in (exclude or ()):
            return
        try:
            self.name = clean_profile_name(self.name)
        except ValidationError as error:
            raise ValidationError({"name": error.messages}) from error

    def clean(self) -> None:
        others: models.QuerySet[NamedProfile] = models.QuerySet(type(self)).exclude(pk=self.pk)
        namesake = others.filter(name_folded=fold_name(self.name)).first()
        if namesake is not None:
            said = _("There is a profile “%(name)s” already. A name may be used only once; capitals do not count.")
            raise ValidationError({"name": said % {"name": namesake}})
        look_alike = others.filter(name_looks=_looks(self.name)).first()
        if look_alike is not None and not self._stays_a_look_alike():
            said = _("There is a profile “%(name)s” already, which looks the same. Choose a name that looks different.")
            raise ValidationError({"name": said % {"name": look_alike}})

    def _stays_a_look_alike(self) -> bool:
        """Whether it is one of old, and its name is not what changes."""
        if self._state.adding or self.name_looks is not None:
            return False
        rows: models.QuerySet[NamedProfile] = models.QuerySet(type(self))
        is_stored = rows.filter(pk=self.pk, name=self.name, name_looks=None).exists()
        return is_stored and rows.exclude(pk=self.pk).filter(name_looks=_looks(self.name)).exists()

    def parameters(self) -> dict[str, object]:
        return {field: getattr(self, field) for field in self.PARAMETERS}

    def users(self) -> int:
        """How many concentrators or roll-outs use it now."""
        raise NotImplementedError

    def in_use_sentence(self, count: int) -> str:
        """Why it cannot be changed or deleted, as ``count`` use it."""
        return str(self.IN_USE % {"name": self, "count": count})

    def why_it_stays(self) -> str:
        """Why it cannot be deleted now; empty if it can."""
        count = self.users()
        return self.in_use_sentence(count) if count else ""


def _looks(name: str) -> str:
    return look_alike_key(normalised_name(name))
