"""What spontaneous profiles and procedure profiles have in common: a name, and parameters that stay while in use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from profiles.names import MAX_NAME_LENGTH, clean_profile_name, fold_name

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class NamedProfile(models.Model):
    """A profile with a name that is unique without regard to case (PRO-3)."""

    #: The fields that cannot change while the profile is in use (PRO-6).
    PARAMETERS: ClassVar[tuple[str, ...]]
    #: Why one in use cannot be changed or deleted; takes ``name`` and ``count``.
    IN_USE: ClassVar[StrPromise]

    name = models.CharField(_l("name"), max_length=MAX_NAME_LENGTH)
    name_folded = models.CharField(max_length=3 * MAX_NAME_LENGTH, unique=True, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_folded = fold_name(self.name)
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
        namesake = models.QuerySet(type(self)).filter(name_folded=fold_name(self.name)).exclude(pk=self.pk).first()
        if namesake is not None:
            raise ValidationError(
                {
                    "name": _("There is a profile “%(name)s” already; names differ in more than case.")
                    % {"name": namesake}
                }
            )

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
