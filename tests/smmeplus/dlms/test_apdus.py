"""What is not read says what it is, and no more than its bytes prove (WIR-11)."""

import pytest

from smmeplus.dlms.apdus import KNOWN, NAMES, refusal_of
from smmeplus.dlms.errors import CipheredError

TITLE = "414c4c0000009999"


@pytest.mark.parametrize(
    ("apdu", "text", "identity"),
    [
        ("db08" + TITLE + "1220", "ciphered (general-glo-ciphering), system title 414C4C0000009999", TITLE.upper()),
        ("dc08" + TITLE, "ciphered (general-ded-ciphering), system title 414C4C0000009999", TITLE.upper()),
        (
            "dd080000000000000001" + "08" + TITLE + "00",
            "(general-ciphering), system title 414C4C0000009999",
            TITLE.upper(),
        ),
        ("dd0008" + TITLE, "(general-ciphering), system title 414C4C0000009999", TITLE.upper()),
        ("db08" + TITLE[:-2], "(general-glo-ciphering), no system title in it", ""),
        ("db00", "(general-glo-ciphering), no system title in it", ""),
        ("db05" + TITLE, "(general-glo-ciphering), no system title in it", ""),
        ("db88" + TITLE, "(general-glo-ciphering), no system title in it", ""),
        ("db", "(general-glo-ciphering), no system title in it", ""),
        ("dd05", "(general-ciphering), no system title in it", ""),
        ("ca1220", "ciphered (glo-event-notification-request)", ""),
        ("d7", "ciphered (ded-action-response)", ""),
    ],
)
def test_a_ciphered_apdu_says_whose_it_is(apdu: str, text: str, identity: str) -> None:
    refusal = refusal_of(bytes.fromhex(apdu))
    assert isinstance(refusal, CipheredError)
    assert text in str(refusal)
    assert str(refusal).endswith("no key for it here")
    assert refusal.identity == identity


@pytest.mark.parametrize(
    ("apdu", "text"),
    [
        ("e0", "general block transfer (E0)"),
        ("e6", "a gateway header (E6)"),
        ("e7", "a gateway header (E7)"),
        ("10400000", "begins with 10 (DataNotificationConfirm); known are"),
        ("55", "begins with 55; known are"),
    ],
)
def test_other_apdus_are_named_as_far_as_they_are_known(apdu: str, text: str) -> None:
    refusal = refusal_of(bytes.fromhex(apdu))
    assert text in str(refusal)
    assert not isinstance(refusal, CipheredError)


def test_every_tag_by_which_a_frame_is_found_again_has_a_name() -> None:
    assert set(NAMES) >= KNOWN


@pytest.mark.parametrize("tag", range(256))
def test_every_tag_is_refused_with_a_short_text(tag: int) -> None:
    for rest in (b"", b"\xff", bytes(40)):
        assert len(str(refusal_of(bytes((tag,)) + rest))) <= 200
