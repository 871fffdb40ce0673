"""The PROXY protocol's bytes: read, refused, never trusted for a length (WIR-7)."""

from __future__ import annotations

import random
import re
import struct
import tracemalloc
from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import ROOT
from tests.plugins.effort import examples
from wakeup.listener.connections.proxy import (
    MAX_BLOCK,
    MAX_HEADER,
    MAX_LINE,
    ProxyError,
    Source,
    begins_with_header,
    read_header,
    read_header_of,
    unlisted,
)
from wakeup.models.strays import MAX_DETAIL

DOCUMENT = ROOT / "docs" / "wire-formats.md"
SIGNATURE = bytes.fromhex("0d0a0d0a000d0a515549540a")
LOCAL, PROXY = 0x20, 0x21
TLVS = b"\x04\x00\x03abc" + b"\x03\x00\x04\x01\x02\x03\x04"
MEGABYTE = 1_000_000


def block(command: int, family: int, body: bytes) -> bytes:
    return SIGNATURE + struct.pack(">BBH", command, family, len(body)) + body


def inet(source: str, port: int) -> bytes:
    """Addresses and ports of one family: ``source`` to some address of ours."""
    packed = ip_address(source).packed
    return packed + bytes(len(packed)) + struct.pack(">HH", port, 58_692)


LINE = b"PROXY TCP4 10.60.0.10 10.132.20.228 40000 58692\r\n"
BLOCK = block(PROXY, 0x11, inet("10.60.0.10", 40_000) + TLVS)
CONCENTRATOR = Source("10.60.0.10", 40_000)

GOOD: dict[str, tuple[bytes, Source | None]] = {
    "1: TCP4": (LINE, CONCENTRATOR),
    "1: TCP6": (b"PROXY TCP6 2001:db8::a 2001:db8::1 1 65535\r\n", Source("2001:db8::a", 1)),
    "1: TCP6, as long as can be": (
        b"PROXY TCP6 " + b"ffff:f:f:f:f:f:f:fff0 " * 2 + b"65535 65535\r\n",
        Source("ffff:f:f:f:f:f:f:fff0", 65_535),
    ),
    "1: IPv4 in IPv6": (b"PROXY TCP6 ::ffff:10.60.0.10 ::1 40000 0\r\n", CONCENTRATOR),
    "1: UNKNOWN": (b"PROXY UNKNOWN\r\n", None),
    "1: UNKNOWN with anything": (b"PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n", None),
    "1: the longest line": (b"PROXY UNKNOWN".ljust(MAX_LINE - 2, b" ") + b"\r\n", None),
    "2: TCP4": (block(PROXY, 0x11, inet("10.60.0.10", 40_000)), CONCENTRATOR),
    "2: TCP4 and more": (BLOCK, CONCENTRATOR),
    "2: UDP4": (block(PROXY, 0x12, inet("10.60.0.10", 40_000)), CONCENTRATOR),
    "2: TCP6": (block(PROXY, 0x21, inet("2001:db8::a", 1)), Source("2001:db8::a", 1)),
    "2: IPv4 in IPv6": (block(PROXY, 0x21, inet("::ffff:10.60.0.10", 40_000)), CONCENTRATOR),
    "2: as long as can be": (block(PROXY, 0x11, inet("10.60.0.10", 40_000).ljust(MAX_BLOCK, b"\0")), CONCENTRATOR),
    "2: UNIX": (block(PROXY, 0x31, bytes(216)), None),
    "2: no family": (block(PROXY, 0x00, b""), None),
    "2: no transport": (block(PROXY, 0x10, inet("10.60.0.10", 40_000)), None),
    "2: LOCAL": (block(LOCAL, 0x00, b""), None),
    "2: LOCAL with addresses": (block(LOCAL, 0x11, inet("10.60.0.10", 40_000)), None),
    "2: LOCAL of any family": (block(LOCAL, 0xFF, b"x"), None),
}

BAD: dict[str, bytes] = {
    "a frame": b"\x00\x01\x00\x01",
    "lower case": b"proxy TCP4",
    "1: cut short by CR": b"PROXY\r",
    "1: another family": b"PROXY UDP4 10.60.0.10 10.0.0.1 1 2\r\n",
    "1: no family": b"PROXY \r\n",
    "1: no ports": b"PROXY TCP4 10.60.0.10 10.0.0.1\r\n",
    "1: too many words": LINE.replace(b"\r\n", b" 1\r\n"),
    "1: two spaces": LINE.replace(b" 10.132", b"  10.132"),
    "1: IPv6 as TCP4": b"PROXY TCP4 2001:db8::a 2001:db8::1 1 2\r\n",
    "1: IPv4 as TCP6": b"PROXY TCP6 10.60.0.10 10.0.0.1 1 2\r\n",
    "1: a zone": b"PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n",
    "1: a bad destination": b"PROXY TCP4 10.60.0.10 10.0.0.256 1 2\r\n",
    "1: an octal address": b"PROXY TCP4 010.60.0.10 10.0.0.1 1 2\r\n",
    "1: not ASCII": b"PROXY TCP4 10.60.0.\xb9 10.0.0.1 1 2\r\n",
    "1: a port too high": LINE.replace(b"40000", b"65536"),
    "1: a port with a zero before it": LINE.replace(b"40000", b"040"),
    "1: a port with a sign": LINE.replace(b"40000", b"+40"),
    "1: an empty port": LINE.replace(b"40000", b""),
    "1: LF alone": LINE.replace(b"\r\n", b"\n").ljust(MAX_LINE),
    "1: too long": b"PROXY UNKNOWN".ljust(MAX_LINE - 1, b" ") + b"\r\n",
    "2: another version": block(0x11, 0x11, inet("10.60.0.10", 1)),
    "2: another command": block(0x22, 0x11, inet("10.60.0.10", 1)),
    "2: another family": block(PROXY, 0x41, bytes(36)),
    "2: another transport": block(PROXY, 0x13, bytes(12)),
    "2: TCP4 cut short": block(PROXY, 0x11, bytes(11)),
    "2: TCP6 cut short": block(PROXY, 0x21, bytes(35)),
    "2: UNIX cut short": block(PROXY, 0x31, bytes(215)),
    "2: too long": SIGNATURE + struct.pack(">BBH", PROXY, 0x11, MAX_BLOCK + 1),
}


@pytest.mark.parametrize(("header", "source"), GOOD.values(), ids=GOOD)
def test_a_header_is_read_whatever_follows(header: bytes, source: Source | None) -> None:
    for rest in (b"", b"\x00\x01", LINE, b"\r\n"):
        assert read_header(header + rest) == (source, len(header))


@pytest.mark.parametrize("header", [header for header, _ in GOOD.values()], ids=GOOD)
def test_a_header_cut_at_any_byte_waits_for_the_rest(header: bytes) -> None:
    for cut in range(len(header)):
        assert read_header(header[:cut]) is None


@pytest.mark.parametrize("header", BAD.values(), ids=BAD)
def test_what_is_no_header_or_a_broken_one_is_refused(header: bytes) -> None:
    with pytest.raises(ProxyError) as refused:
        read_header(header)
    assert refused.value.answer == b""


def test_a_balancer_that_sends_no_header_is_told_what_to_do() -> None:
    with pytest.raises(ProxyError, match=r"10\.1\.1\.1 is listed as a balancer, so .*send-proxy-v2"):
        read_header_of("10.1.1.1", BAD["a frame"])
    with pytest.raises(ProxyError, match="a port in the PROXY header"):
        read_header_of("10.1.1.1", BAD["1: a port too high"])
    assert read_header_of("10.1.1.1", LINE) == (CONCENTRATOR, len(LINE))
    assert read_header_of("10.1.1.1", LINE[:3]) is None


def test_other_bytes_are_told_from_a_header_at_the_first_wrong_one() -> None:
    for start in (b"PROXY ", SIGNATURE):
        for length in range(len(start)):
            assert begins_with_header(start[:length]) is None
            assert begins_with_header(start[:length] + b"\xff") is False
        assert begins_with_header(start) is True


def test_the_longest_sentence_about_a_header_fits_into_a_stray_frames_record() -> None:
    peer = ":".join(["ffff"] * 8)
    for header in [*BAD.values(), b"\xff" * MEGABYTE]:
        with pytest.raises(ProxyError) as refused:
            read_header_of(peer, header)
        assert len(str(refused.value)) <= MAX_DETAIL
    assert len(str(unlisted(peer))) <= MAX_DETAIL


@pytest.mark.parametrize("header", [LINE, BLOCK, GOOD["2: as long as can be"][0]], ids=["1", "2", "2, long"])
def test_mutations_of_a_header_are_read_or_refused(header: bytes) -> None:
    randomness = random.Random(header)
    for _ in range(20_000):
        changed = bytearray(header[:80])
        for _ in range(randomness.randint(1, 4)):
            changed[randomness.randrange(len(changed))] = randomness.randrange(256)
        read_or_refuse(bytes(changed) + header[80:])


@settings(derandomize=True, max_examples=examples(1000))
@given(st.sampled_from([b"", b"PROXY ", b"PROXY TCP4 ", SIGNATURE, SIGNATURE + b"\x21\x11\x00\x0c"]), st.binary())
def test_any_bytes_are_a_header_or_refused_or_too_few(start: bytes, rest: bytes) -> None:
    read_or_refuse(start + rest)


@pytest.mark.parametrize("start", [b"PROXY ", b"PROXY TCP4 ", SIGNATURE, SIGNATURE + b"\x21\x11\xff\xff"])
def test_a_megabyte_of_junk_is_never_waited_for(start: bytes) -> None:
    junk = start.ljust(MEGABYTE, b"\xff")
    tracemalloc.start()
    with pytest.raises(ProxyError):
        read_header(junk)
    assert tracemalloc.get_traced_memory()[1] < 10_000
    tracemalloc.stop()
    with pytest.raises(ProxyError):
        read_header(b"PROXY UNKNOWN".ljust(MAX_HEADER))


def test_the_examples_of_the_documentation_are_read_as_it_says() -> None:
    first, second, local = re.findall(r"^```proxy\n(.*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)
    assert read_header(first.replace("\n", "\r\n").encode()) == (CONCENTRATOR, len(LINE))
    assert read_header(from_hex(second)) == (CONCENTRATOR, 28)
    assert read_header(from_hex(local)) == (None, 16)


def from_hex(text: str) -> bytes:
    return bytes.fromhex("".join(line.partition("|")[0] for line in text.splitlines()))


def read_or_refuse(buffer: bytes) -> None:
    """Read ``buffer``; an error other than ProxyError gets through, and fails the test."""
    try:
        read = read_header(buffer)
    except ProxyError:
        return
    if read is None:
        assert len(buffer) < MAX_HEADER
        return
    source, length = read
    assert 0 < length <= min(len(buffer), MAX_HEADER)
    if source is not None:
        assert str(ip_address(source.address)) == source.address
        assert 0 <= source.port <= 0xFFFF
