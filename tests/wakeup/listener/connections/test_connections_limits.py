"""What a connection may cost: places, time, unanswered frames, answers that it does not take (LIS-3)."""

from __future__ import annotations

import pytest

from smmeplus.dlms.framing.wrapper import wrap
from tests.smmeplus.dlms.vectors import BY_NAME
from tests.wakeup.listener.connections.peers import Listening, Peer
from tests.wakeup.listener.counted import counted
from wakeup.listener.connections import tcp as module
from wakeup.listener.connections.limits import Limits
from wakeup.listener.connections.outgoing import MAX_UNSENT
from wakeup.listener.connections.registry import CUT_AT_ONCE

CERCO1 = BY_NAME["DN-P-cerco1"]
FRAME = CERCO1.frame
IDLE_S = Limits().idle_s
FRAME_S = Limits().frame_s
HALF = MAX_UNSENT // len(CERCO1.answer) // 2 + 10  # frames: the answers of twice as many are more than may wait


@pytest.fixture
def listening() -> Listening:
    return Listening()


def test_over_the_limit_a_new_connection_is_reset_until_a_place_is_free() -> None:
    listening = Listening(Limits(connections=2))
    first, second, third = listening.peer(), listening.peer(), listening.peer()
    assert (first.end(), second.end(), third.end()) == ("", "", "reset")
    first.close_our_side()
    assert listening.peer().end() == ""
    assert (counted(listening.metrics.connections)[""], counted(listening.metrics.cut_off)) == (4, {"full": 1})


def test_a_silent_connection_is_closed_in_time(listening: Listening) -> None:
    peer = listening.peer()
    listening.sweep_after(IDLE_S)
    assert not peer.end()
    listening.sweep_after(0.1)
    assert peer.end() == "closed"
    assert counted(listening.metrics.cut_off) == {"idle": 1}
    assert not listening.queue.contents


def test_time_to_be_silent_begins_anew_with_each_answer(listening: Listening) -> None:
    peer = listening.peer()
    listening.sweep_after(IDLE_S)
    peer.send(FRAME)
    listening.sweep_after(10 * IDLE_S)
    assert not peer.end(), "it is the database that takes so long"
    listening.queue.store()
    listening.sweep_after(IDLE_S)
    assert not peer.end()
    listening.sweep_after(1)
    assert peer.end() == "closed"


@pytest.mark.parametrize("before", [b"", FRAME], ids=["the first frame", "a later frame"])
def test_a_frame_byte_by_byte_has_its_time_from_the_first_byte_on(listening: Listening, before: bytes) -> None:
    peer = listening.peer()
    if before:
        peer.send(before)
        listening.queue.store()
    for second in range(11):
        peer.send(FRAME[second : second + 1])
        assert not listening.queue.strays
        listening.sweep_after(1)
    (stray,) = listening.queue.strays
    assert (stray.raw, stray.detail) == (FRAME[:11], "the frame was not complete after 10 s")
    listening.queue.store()
    assert (peer.end(), counted(listening.metrics.cut_off)) == ("closed", {"slow": 1})


def test_half_a_frame_behind_a_whole_one_has_a_time_of_its_own(listening: Listening) -> None:
    peer = listening.peer()
    peer.send(FRAME[:10])
    listening.sweep_after(FRAME_S - 1)
    peer.send(FRAME[10:] + FRAME[:10])
    listening.sweep_after(FRAME_S)
    assert not listening.queue.strays
    listening.sweep_after(1)
    assert len(listening.queue.strays) == 1


def test_half_a_frame_waits_for_its_rest_even_while_others_are_unanswered(listening: Listening) -> None:
    peer = listening.peer()
    peer.send(FRAME + FRAME[:10])
    listening.sweep_after(FRAME_S + 1)
    assert len(listening.queue.strays) == 1
    assert not peer.end(), "the first is not stored yet"
    listening.queue.store()
    assert (peer.received, peer.end()) == (CERCO1.answer, "closed")


def test_only_those_are_cut_off_whose_time_is_over(listening: Listening) -> None:
    peers = []
    for _ in range(10):
        peers.append(listening.peer())
        listening.now += 1
    peers[0].send(FRAME)
    listening.queue.store()
    listening.sweep_after(IDLE_S - 5)
    assert [peer.end() for peer in peers] == [""] + ["closed"] * 4 + [""] * 5
    assert len(listening.connections.open) == 6


def test_thousands_whose_time_is_over_at_once_are_cut_off_a_few_at_a_time(listening: Listening) -> None:
    peers = [listening.peer() for _ in range(10 * CUT_AT_ONCE)]
    listening.now += IDLE_S + 1
    listening.connections.close_idle(listening.now)
    for turn in range(1, 10):
        assert sum(bool(peer.end()) for peer in peers) == turn * CUT_AT_ONCE
        listening.connections.close_idle(listening.now + 1)
        assert len(listening.turns) == 1, "the next look does not make it faster"
        listening.turns.popleft()()
    assert {peer.end() for peer in peers} == {"closed"}
    listening.turns.popleft()()
    assert not listening.turns


def test_while_the_intake_is_full_a_connection_is_not_read_and_not_blamed(listening: Listening) -> None:
    peer = listening.peer()
    listening.queue.is_full = True
    peer.send(FRAME + FRAME[:10])
    assert not peer.is_asked()
    assert not listening.queue.contents, "what has come in waits unread"
    listening.sweep_after(10 * IDLE_S)
    assert not peer.end()
    listening.queue.make_room()
    assert (len(listening.queue.waiting), peer.is_asked()) == (1, True)
    listening.sweep_after(FRAME_S)
    peer.send(FRAME[10:])
    listening.queue.store()
    assert peer.received == CERCO1.answer * 2


def test_while_the_intake_is_full_a_new_connection_waits(listening: Listening) -> None:
    listening.queue.is_full = True
    peer = listening.peer()
    assert not peer.is_asked()
    listening.sweep_after(10 * IDLE_S)
    listening.queue.make_room()
    assert (peer.is_asked(), peer.end()) == (True, "")
    listening.sweep_after(IDLE_S + 1)
    assert peer.end() == "closed", "its own time began when there was room"


def test_room_that_another_has_taken_again_is_waited_for_again(listening: Listening) -> None:
    peers = [listening.peer() for _ in range(3)]
    listening.queue.is_full = True
    for peer in peers:
        peer.send(FRAME)
    listening.queue.size = 1
    listening.queue.make_room()
    assert len(listening.queue.waiting) == 1, "no more than there is room for"
    listening.queue.size = 5
    listening.queue.make_room()
    assert len(listening.queue.waiting) == 3


def test_a_peer_that_has_gone_while_there_was_no_room_is_not_gone_on_with(listening: Listening) -> None:
    peer = listening.peer()
    listening.queue.is_full = True
    peer.send(FRAME)
    peer.vanish()
    listening.queue.make_room()
    assert not listening.queue.contents


def test_with_too_many_unanswered_frames_reading_stops_until_half_are_answered(listening: Listening) -> None:
    peer = listening.peer()
    peer.send(FRAME * (module.MAX_UNANSWERED + 200))
    assert (len(listening.queue.waiting), peer.is_asked()) == (module.MAX_UNANSWERED, False)
    listening.sweep_after(10 * IDLE_S)
    listening.queue.store(module.MAX_UNANSWERED // 2 - 1)
    assert not peer.is_asked()
    listening.queue.store(1)
    assert peer.is_asked()
    assert len(listening.queue.waiting) == module.MAX_UNANSWERED // 2 + 200
    listening.queue.store()
    assert peer.received == CERCO1.answer * (module.MAX_UNANSWERED + 200)
    peer.close_our_side()
    assert peer.end() == "closed"


def test_a_refusal_behind_too_many_frames_is_still_answered_and_closed(listening: Listening) -> None:
    peer = listening.peer()
    peer.send(FRAME * module.MAX_UNANSWERED + wrap(1, 1, b"\xff"))
    listening.queue.store()
    listening.queue.store()
    peer.close_our_side()
    assert (len(listening.queue.strays), peer.end()) == (1, "closed")


def send_too_many(listening: Listening, peer: Peer) -> None:
    """Send more frames than answers may wait for a peer that takes none, in two goes."""
    peer.takes = False
    for _ in range(2):
        peer.send(FRAME * HALF)
        listening.queue.store()


def test_a_peer_that_takes_no_answers_is_not_read_even_when_the_intake_has_room_again(listening: Listening) -> None:
    peer = listening.peer()
    peer.takes = False
    peer.send(FRAME * HALF)
    listening.queue.store()
    listening.queue.size = HALF
    peer.send(FRAME * HALF)
    assert not peer.is_asked(), "full"
    listening.queue.store()
    listening.queue.make_room()
    assert not peer.is_asked()
    peer.take()
    assert peer.is_asked()
    assert peer.received == CERCO1.answer * 2 * HALF


def test_a_peer_that_takes_its_answers_again_is_not_read_while_there_is_no_room(listening: Listening) -> None:
    peer = listening.peer()
    send_too_many(listening, peer)
    assert not peer.is_asked()
    listening.queue.is_full = True
    peer.take()
    assert not peer.is_asked()
    listening.queue.make_room()
    assert peer.is_asked()


def test_a_peer_that_takes_no_answers_is_reset_in_time(listening: Listening) -> None:
    peer = listening.peer()
    peer.send(FRAME)
    listening.queue.store()
    send_too_many(listening, peer)
    listening.sweep_after(IDLE_S)
    assert not peer.end()
    listening.sweep_after(1)
    assert (peer.end(), counted(listening.metrics.cut_off)) == ("reset", {"not reading": 1})
    assert not listening.connections.open


def test_a_peer_that_takes_its_answers_slowly_is_not_reset(listening: Listening) -> None:
    peer = listening.peer()
    send_too_many(listening, peer)
    for _ in range(10):
        peer.take(10)
        listening.sweep_after(IDLE_S + 1)
        assert not peer.end()
    peer.take()
    assert (peer.is_asked(), peer.received) == (True, CERCO1.answer * 2 * HALF)


def test_answers_that_nobody_takes_do_not_keep_a_closed_connection_for_ever(listening: Listening) -> None:
    peer = listening.peer()
    peer.takes = False
    peer.send(FRAME)
    listening.queue.store()
    peer.close_our_side()
    assert peer.end() == "closing"
    listening.sweep_after(IDLE_S + 1)
    assert peer.end() == "reset"
