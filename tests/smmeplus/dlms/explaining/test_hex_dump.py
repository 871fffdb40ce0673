"""Frames as a dump of their bytes (LIS-6)."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from smmeplus.dlms.explaining.frames import hex_dump
from smmeplus.dlms.kinds import Kind
from smmeplus.dlms.notification import push_notification


@settings(derandomize=True)
@given(st.binary(max_size=4096))
def test_a_dump_holds_every_byte_sixteen_to_a_line(frame: bytes) -> None:
    lines = hex_dump(frame).splitlines()
    assert [int(line[:4], 16) for line in lines] == list(range(0, len(frame), 16))
    assert b"".join(bytes.fromhex(line[4:54]) for line in lines) == frame
    assert "".join(line[56:] for line in lines) == "".join(chr(octet) if 32 <= octet < 127 else "." for octet in frame)


def test_a_dump_reads_like_one() -> None:
    assert hex_dump(push_notification("EPL1", Kind.BOOT)) == (
        "0000  00 01 00 01 00 01 00 16  0f 40 00 00 01 00 02 02  .........@......\n"
        "0010  09 04 45 50 4c 31 09 06  00 00 19 09 00 ff        ..EPL1........"
    )
