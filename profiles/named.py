"""What spontaneous profiles and procedure profiles have in common: a name, and parameters that stay while in use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from profiles.look_alikes import look_alike_key
from profiles.names import MAX_NAME_LENGTH, clean_profile_name, fold_name, normalised_name
from profiles.owners import AnyUser, looks_after_all

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class NamedProfile(models.Model):
    """A profile with a name that is unique without regard to case and to look-alikes (PRO-3).

    It belongs to ``company`` for good, or to all. A name is unique among those that a company can use, so that none
    tells what another company has.
    """

    #: The fields that cannot change while the profile is in use (PRO-6).
    PARAMETERS: ClassVar[tuple[str, ...]]
    #: Why one in use cannot be changed or deleted; takes ``name`` and ``count``.
    IN_USE: ClassVar[StrPromise]

    name = models.CharField(_l("name"), max_length=MAX_NAME_LENGTH)
    name_folded = models.CharField(max_length=3 * MAX_NAME_LENGTH, editable=False)
    #: What look-alikes share. None: it looked like another profile before that was refused, and keeps its name.
    name_looks = models.CharField(  # noqa: DJ001 - several may have none, and no two the same
        max_length=8 * MAX_NAME_LENGTH, null=True, editable=False
    )
    company = models.ForeignKey(
        "concentrators.Company",
        verbose_name=_l("company"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        help_text=_l("Whose the profile is; empty: everybody's."),
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
        namesake = self.namesake()
        if namesake is not None:
            said = _("There is a profile “%(name)s” already. A name may be used only once; capitals do not count.")
            raise ValidationError({"name": said % {"name": namesake}})
        look_alike = self.look_alike()
        if look_alike is not None:
            said = _("There is a profile “%(name)s” already, which looks the same. Choose a name that looks different.")
            raise ValidationError({"name": said % {"name": look_alike}})

    def namesake(self) -> NamedProfile | None:
        """Another one of the same name that some company could use as well as this one."""
        return self._beside().filter(name_folded=fold_name(self.name)).first()

    def look_alike(self) -> NamedProfile | None:
        """The same of one whose name looks like this one's."""
        return None if self._stays_a_look_alike() else self._beside().filter(name_looks=_looks(self.name)).first()

    def _beside(self) -> models.QuerySet[NamedProfile]:
        others: models.QuerySet[NamedProfile] = models.QuerySet(type(self)).exclude(pk=self.pk)
        return others.filter(models.Q(company=None) | models.Q(company=self.company_id)) if self.company_id else others

    def may_be_changed_by(self, user: AnyUser) -> bool:
        """Whether ``user``, who sees it and has the permission, may change it."""
        return self.company_id is not None or looks_after_all(user)

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


def unique_names(kind: str) -> list[models.BaseConstraint]:
    """Of two who give the same name at once the second is refused. What is unique among all and one company together
    no constraint can say: see ``save_profile``.
    """
    return [
        models.UniqueConstraint(fields=fields, condition=condition, name=f"{kind}_{name}_{whose}")
        for name in ("name_folded", "name_looks")
        for whose, fields, condition in (
            ("of_all", [name], models.Q(company=None)),
            ("of_company", ["company", name], models.Q(company__isnull=False)),
        )
    ]


def _looks(name: str) -> str:
    return look_alike_key(normalised_name(name))
