"""A rule of a type as the admin site asks for it: in parts, one row for each rule (WIR-4)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from concentrators.models import ConcentratorType, KindRule
from concentrators.models.signs import Sign, What, Where, read_sign, sign_in_words
from concentrators.rules.fields import NameField, NumberField
from concentrators.rules.presets import PRESETS
from smmeplus.common.stale.admin import UnchangedAdminForm

#: The fields that a choice needs; the others stay empty.
NEEDED: Final[Mapping[str, tuple[str, ...]]] = {
    Where.PUSH: ("name",),
    Where.OBJECT: ("name", "class_id"),
    What.CODE: ("code",),
    What.WORD: ("word", "bit"),
}
_WHERE_FIELDS: Final = ("name", "class_id")
_WHAT_FIELDS: Final = ("code", "word", "bit")
#: The only ones that are read as the name of a push (WIR-2).
_PUSH_NAME: Final = re.compile(r"\d+-\d+:25\.9\.\d+\.255")
_MISSING: Final[Mapping[str, Any]] = {
    "name": _l("Nothing was entered. Enter a logical name, like 0-1:25.9.0.255."),
    "class_id": _l("Nothing was entered. Enter the object's class, like 1."),
    "code": _l("Nothing was entered. Enter an event code, like 12."),
    "word": _l("Nothing was entered. Enter which alarm word it is; the first one is 1."),
    "bit": _l("Nothing was entered. Enter a bit; the lowest one of a number, or the first of a bit-string, is 0."),
}


class KindRuleForm(UnchangedAdminForm):
    """The parts of ``sign`` instead of its text."""

    where = forms.ChoiceField(
        label=_l("where"),
        choices=Where,
        initial=Where.PUSH,
        help_text=_l("In a push with this logical name, in a message without one, or in an event's object."),
    )
    name = NameField(
        label=_l("logical name"),
        help_text=_l("That of the push setup, like 0-1:25.9.0.255; or the OBIS code of an event's object."),
    )
    class_id = NumberField("class_id", label=_l("class"), help_text=_l("Of an event's object, like 1."))
    what = forms.ChoiceField(label=_l("what"), choices=What, initial=What.ANYTHING)
    code = NumberField("code", label=_l("event code"))
    word = NumberField("word", label=_l("word"), help_text=_l("Alarm words are numbered from 1 as they appear."))
    bit = NumberField(
        "bit", label=_l("bit"), help_text=_l("0 is the lowest bit of a number and the first one of a bit-string.")
    )

    class Meta:
        model = KindRule
        fields = ("kind",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.sign:
            sign = read_sign(self.instance.sign)
            # One that is no sign any more is shown where its error will say so.
            self.initial.update(sign._asdict() if sign else {"name": self.instance.sign})

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "where" in cleaned and "what" in cleaned:
            for field, error in [*self._wrong_parts(cleaned), *_wrong_together(cleaned)]:
                if field not in self.errors:
                    self.add_error(field, error)
        if not self.errors:
            self.instance.sign = Sign(**{part: cleaned[part] for part in Sign._fields}).text
            cleaned["sign"] = self.instance.sign
            self.refuse_unless_unchanged()
        return cleaned

    def _names(self) -> list[str]:
        """With what the parts make up."""
        return [*super()._names(), "sign"]

    def _wrong_parts(self, cleaned: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        """What is missing, and what was entered though the choices have no use for it."""
        for choice, fields in (("where", _WHERE_FIELDS), ("what", _WHAT_FIELDS)):
            for field in fields:
                is_needed = field in NEEDED.get(cleaned[choice], ())
                is_empty = cleaned.get(field) in (None, "")
                if is_needed and is_empty:
                    yield field, _MISSING[field]
                elif not is_needed and not is_empty:
                    yield field, self._without_use(field, choice)

    def _without_use(self, field: str, choice: str) -> str:
        chosen = dict(self.fields[choice].choices)[self.cleaned_data[choice]]  # type: ignore[attr-defined]
        said = _(
            "“%(entered)s” was entered, but it is not used with “%(chosen)s”. Leave it empty, or choose something else."
        )
        return said % {"entered": self.cleaned_data[field], "chosen": chosen}


class KindRuleFormSet(forms.BaseInlineFormSet[KindRule, ConcentratorType, KindRuleForm]):
    """All rules of one type. A second rule on the same sign is refused at its row."""

    def clean(self) -> None:
        super().clean()
        seen = self._stored()
        for form in self._changed():
            sign = form.instance.sign
            if seen.setdefault(sign, form.instance) != form.instance:
                form.add_error(None, _clash(seen[sign]))

    def _stored(self) -> dict[str, KindRule]:
        """The rules by sign. Another administrator who saves this type waits until we have."""
        if not self.instance.pk:
            return {}
        list(ConcentratorType.objects.select_for_update(no_key=True).filter(pk=self.instance.pk))
        return {rule.sign: rule for rule in KindRule.objects.filter(type=self.instance)}

    def _changed(self) -> Iterator[KindRuleForm]:
        for form in self.forms:
            if form.has_changed() and form.is_valid() and not self._should_delete_form(form):  # type: ignore[attr-defined]
                yield form


_OBJECTS: Final = (*ConcentratorType.OBJECTS, *ConcentratorType.OPTIONAL_OBJECTS)


class ConcentratorTypeForm(UnchangedAdminForm):
    preset = forms.ChoiceField(
        label=_l("Add the rules of"),
        required=False,
        choices=[
            ("", _l("CERCO1 (no rules: the defaults)")),
            *((key, preset.label) for key, preset in PRESETS.items()),
        ],
        help_text=_l("They are added when you save. A rule that is there stays as it is."),
    )

    class Meta:
        model = ConcentratorType
        fields = ("name", *_OBJECTS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ConcentratorType.OBJECTS:
            if name in self.fields:  # who may only look sees no fields
                self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        """An empty logical name is CERCO1's, where a device needs one; one that was not sent stays."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for name in _OBJECTS:
            is_sent = self.add_prefix(name) in self.data
            if cleaned.get(name) == "" and not (is_sent and name in ConcentratorType.OPTIONAL_OBJECTS):
                cleaned[name] = getattr(ConcentratorType() if is_sent else self.instance, name)
        return cleaned

    @property
    def changed_data(self) -> list[str]:
        """Without the preset, whose rules are in the type's history one by one, and without what was not sent."""
        unsent = {name for name in _OBJECTS if self.add_prefix(name) not in self.data}
        return [name for name in super().changed_data if name != "preset" and name not in unsent]


def _wrong_together(cleaned: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What each part allows and the whole does not."""
    where, what, name = cleaned["where"], cleaned["what"], cleaned.get("name") or ""
    if where == Where.OBJECT and what != What.ANYTHING:
        said = _("“%(chosen)s” was chosen, but an event's object allows only “%(anything)s”.")
        yield "what", said % {"chosen": What(what).label, "anything": What.ANYTHING.label}
    if where == Where.PUSH and name and not _PUSH_NAME.fullmatch(name):
        said = _(
            "“%(entered)s” is not the name of a push setup: those are like 0-1:25.9.0.255, always with 25, 9 and 255."
        )
        yield "name", said % {"entered": name}


def _clash(rule: KindRule) -> str:
    said = _(
        "There is a rule on “%(sign)s” already, which means %(kind)s. Change that row instead, or delete it and save "
        "first."
    )
    return said % {"sign": sign_in_words(rule.sign), "kind": rule.get_kind_display()}
