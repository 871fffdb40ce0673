"""What presets make of frames as devices in the field send them (WIR-4)."""

from __future__ import annotations

import pytest

from concentrators.models import ConcentratorType
from concentrators.rules.presets import PRESETS, add_preset
from smmeplus.dlms.kinds import Kind
from tests.factories import ConcentratorTypeFactory
from tests.smmeplus.dlms.field_frames import BY_NAME
from wakeup.pages.frames.meaning import read

pytestmark = pytest.mark.one_database

#: The kinds by the defaults, then by each preset where that differs.
KINDS: dict[str, tuple[Kind, dict[str, Kind]]] = {
    "smr5-power-up": (Kind.KEEPALIVE, {"smr-5": Kind.BOOT}),
    "smr5-last-gasp": (Kind.KEEPALIVE, {"smr-5": Kind.LASTGASP}),
    "bit-string-last-gasp": (Kind.OTHER, {"is-15959": Kind.LASTGASP}),
    "bit-string-first-breath": (Kind.OTHER, {"is-15959": Kind.BOOT}),
    "event-code-12": (Kind.OTHER, {"code-12": Kind.LASTGASP}),
    "word-as-long-unsigned": (Kind.LASTGASP, {}),
    "second-word": (Kind.OTHER, {}),
    "login-0A": (Kind.KEEPALIVE, {}),
}


@pytest.fixture
def types(db: None) -> dict[str, ConcentratorType]:
    """A type for each preset."""
    types = {key: ConcentratorTypeFactory.create(name=key) for key in PRESETS}
    for key, type_ in types.items():
        add_preset(key, type_)
    return types


@pytest.mark.parametrize("name", KINDS)
def test_a_preset_gives_its_devices_frames_their_kinds_and_leaves_the_others(
    types: dict[str, ConcentratorType], name: str
) -> None:
    default, by_preset = KINDS[name]
    reading = read(BY_NAME[name].frame)
    assert reading.kind == default.word
    found = {meaning.type.name: meaning.kind for meaning in reading.by(types.values())}
    assert found == {key: by_preset.get(key, default).word for key in PRESETS}
