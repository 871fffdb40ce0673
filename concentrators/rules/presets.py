"""Sets of rules that whole families of devices need (WIR-4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from django.contrib import messages
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from simple_history.utils import update_change_reason

from concentrators.models import ConcentratorType, KindRule
from smmeplus.dlms.kinds import Kind


class Preset(NamedTuple):
    label: str | Promise
    #: The kinds by sign.
    rules: Mapping[str, Kind]


PRESETS: Final[Mapping[str, Preset]] = {
    "smr-5": Preset(
        "SMR 5",
        {"push 0-1:25.9.0.255 word 1 bit 2": Kind.BOOT, "push 0-3:25.9.0.255 word 1 bit 0": Kind.LASTGASP},
    ),
    "is-15959": Preset(
        "IS 15959",
        {"push 0-4:25.9.0.255 word 1 bit 85": Kind.LASTGASP, "push 0-4:25.9.0.255 word 1 bit 86": Kind.BOOT},
    ),
    "code-12": Preset(_l("by event code 12 last gasp"), {"code 12": Kind.LASTGASP}),
}


def add_preset(key: str, type_: ConcentratorType) -> tuple[list[KindRule], list[KindRule]]:
    """Give ``type_`` the rules of a preset: those that were added, and those that were there and stay as they are."""
    preset = PRESETS[key]
    stored = {rule.sign: rule for rule in KindRule.objects.filter(type=type_, sign__in=preset.rules)}
    added = []
    for sign, kind in preset.rules.items():
        if sign not in stored:
            added.append(KindRule.objects.create(type=type_, sign=sign, kind=kind))
            update_change_reason(added[-1], f"preset {key}")
    return added, list(stored.values())


def say_added(request: HttpRequest, key: str, added: list[KindRule], kept: list[KindRule]) -> None:
    """What :func:`add_preset` did, with each rule by name."""
    preset = PRESETS[key]
    if added:
        said = _("%(preset)s: added %(rules)s.")
        messages.success(request, said % {"preset": preset.label, "rules": _named(added)})
    same = [rule for rule in kept if rule.kind == preset.rules[rule.sign]]
    if same:
        said = _("%(preset)s: already there: %(rules)s.")
        messages.info(request, said % {"preset": preset.label, "rules": _named(same)})
    for rule in kept:
        if rule not in same:
            said = _(
                "%(preset)s: not added, because there is a rule already: %(rule)s. By the preset it would be %(kind)s."
            )
            wanted = preset.rules[rule.sign].word
            messages.warning(request, said % {"preset": preset.label, "rule": rule, "kind": wanted})


def _named(rules: list[KindRule]) -> str:
    return "; ".join(map(str, rules))
