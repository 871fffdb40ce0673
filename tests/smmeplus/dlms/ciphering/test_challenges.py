"""High level security by GMAC: both answers of the Green Book's example (SEC-3)."""

import pytest

from smmeplus.dlms.ciphering.challenges import answer_to, check_answer
from smmeplus.dlms.ciphering.errors import CipheringError, Reason
from smmeplus.dlms.ciphering.keys import Keys
from tests.smmeplus.dlms.ciphering.vectors import KEYS, TITLE

CLIENT = bytes.fromhex("4D4D4D0000000001")
OF_CLIENT = bytes.fromhex("1000000001 1A52FE7DD3E72748973C1E28")
OF_SERVER = bytes.fromhex("1001234567 FE1466AFB3DBCD4F9389E2B7")
TO_SERVER, TO_CLIENT = b"K56iVagY", b"P6wRJ21F"


def test_the_client_proves_its_keys() -> None:
    assert answer_to(TO_CLIENT, KEYS, CLIENT, 1) == OF_CLIENT
    assert check_answer(OF_CLIENT, TO_CLIENT, KEYS, CLIENT) == 1


def test_the_server_proves_its_keys() -> None:
    assert answer_to(TO_SERVER, KEYS, TITLE, 0x01234567) == OF_SERVER
    assert check_answer(OF_SERVER, TO_SERVER, KEYS, TITLE) == 0x01234567


def test_no_changed_bit_goes_unnoticed() -> None:
    for bit in range(8 * len(OF_SERVER)):
        changed = bytearray(OF_SERVER)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(CipheringError) as refused:
            check_answer(bytes(changed), TO_SERVER, KEYS, TITLE)
        assert refused.value.reason is Reason.WRONG_TAG


@pytest.mark.parametrize(
    ("challenge", "keys", "title"),
    [
        (TO_CLIENT, KEYS, TITLE),
        (TO_SERVER, KEYS, CLIENT),
        (TO_SERVER, Keys(bytes(16), KEYS.authentication), TITLE),
        (TO_SERVER, Keys(KEYS.unicast, bytes(16)), TITLE),
    ],
)
def test_another_challenge_key_or_sender_does_not_fit(challenge: bytes, keys: Keys, title: bytes) -> None:
    with pytest.raises(CipheringError):
        check_answer(OF_SERVER, challenge, keys, title)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(b"", Reason.CUT_SHORT), (OF_SERVER[:-1], Reason.CUT_SHORT), (OF_SERVER + b"\0", Reason.LEFT_OVER)],
)
def test_an_answer_of_another_size_is_refused(answer: bytes, reason: Reason) -> None:
    with pytest.raises(CipheringError) as refused:
        check_answer(answer, TO_SERVER, KEYS, TITLE)
    assert refused.value.reason is reason
