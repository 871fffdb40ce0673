"""Whatever bytes come: they are read, or refused in a sentence, and what is read can be stored (MET-2)."""

from __future__ import annotations

import gzip
import re
from datetime import UTC, datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest

from concentrators.meters.lists import ListedMeter, ReceivedList
from concentrators.meters.stg import StgError, read
from concentrators.meters.stg.sheet import AHEAD
from concentrators.models.meters import METER_NAME, MeterSource
from tests.concentrators.meters.stg.documents import SANTIAGO, SHA256
from tests.concentrators.meters.stg.test_samples import EXPECTED, sample
from tests.plugins.effort import examples

LARGEST = 2_500  # bytes of a sample that is mutated
ZONES = (SANTIAGO, ZoneInfo("Europe/Rome"), ZoneInfo("UTC"))
SAMPLES = [content for content in map(sample, EXPECTED) if len(content) <= LARGEST]
#: What a reader may stumble over.
PIECES = (
    *(b"\0", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\x1f\x8b\x08", b"<", b">", b"/>", b'"', b"'", b"&", b";", b"="),
    *(b"&#0;", b"&#x1f;", b"&lt;", b"&nbsp;", b"&#xD800;", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?xml?>", b"<?x"),
    *(b"<!DOCTYPE a>", b"<!ENTITY", b"<Cnc>", b"</Cnc>", b"<Cnc Id='X'>", b"<S24>", b"<S11/>", b"<Cnt/>", b"<Payload>"),
    *(b' Fh=""', b' Id=""', b' ErrCat="3"', b"xmlns:a='b'", b"a:", b"00000000000000", b"99991231235959999S"),
    *(
        b"20270404003000000S",
        b"07EA0B1DFF0B3B0000800000",
        b"99999999999999999999",
        b"-1",
        b"1e9",
        b"\xe2\x80\xae",
        b"%s",
    ),
)


#: What a value may be: the file stays well-formed.
VALUES = (
    *(
        "",
        " ",
        "0",
        "1",
        "2",
        "255",
        "256",
        "-1",
        "A",
        "y",
        "x" * 40,
        "x" * 400,
        "1e9",
        "%s",
        "%(line)d",
        "ÿ",
        "ß",
        "٣",
        "\u202e",
    ),
    *(
        "9" * 10,
        "9" * 19,
        "9" * 30,
        "9" * 5000,
        "100.00",
        "100.1",
        "nan",
        "00000000000000000W",
        "F" * 17 + "W",
        "F" * 24,
    ),
    *(
        "20270404003000000S",
        "20270905003000000W",
        "19991231235959000S",
        "20991231235959999W",
        "07EA0B1DFF0B3B0000800000",
    ),
    *("404022990001", "0x404022990001", "70645175730177", "CIR9990000002", "&#0;", "&lt;", "&#xFFFF;", "&nbsp;", "G02"),
)
_VALUE = re.compile(rb'"[^"<]*"')


def other_values(content: bytes, random: Random) -> bytes:
    values = list(_VALUE.finditer(content))
    for found in sorted(random.sample(values, min(len(values), random.randrange(1, 4))), key=re.Match.start)[::-1]:
        value = random.choice(VALUES).encode(random.choice(("utf-8", "utf-8", "utf-16")))
        content = b'%s"%s"%s' % (content[: found.start()], value, content[found.end() :])
    return content


def mutated(content: bytes, random: Random) -> bytes:
    if random.random() < 0.5:
        return other_values(content, random)
    found = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 5))):
        at, end = sorted(random.randrange(len(found) + 1) for _ in range(2))
        change = random.randrange(6)
        if change == 0 and found:
            found[at % len(found)] ^= 1 << random.randrange(8)
        elif change == 1:
            del found[at : min(end, at + 60)]
        elif change == 2:
            found[at:at] = found[at : min(end, at + 200)]
        elif change == 3:
            found[at:at] = random.choice(PIECES)
        elif change == 4:
            found[at : at + random.randrange(20)] = random.choice(PIECES)
        else:
            other = random.choice(SAMPLES)
            found[at:at] = other[random.randrange(len(other)) :][:200]
    return bytes(found)


def look(content: bytes, zone: ZoneInfo = SANTIAGO) -> str:
    """What is said: empty if it was read. AssertionError if that cannot be stored."""
    try:
        reports = read(content, "CIR9990000001_0_S24_0_20261129120000").reports
    except StgError as error:
        said = str(error)
    else:
        said = ""
    if said:
        assert 10 < len(said) < 400
        assert said.endswith(".")
        return said
    assert reports
    for report in reports:
        found = report.received(1, zone, SHA256, "", None)
        assert (found is not None) == report.is_there
        if found is not None:
            can_be_stored(found)
    return ""


def can_be_stored(found: ReceivedList) -> None:
    assert datetime(1999, 12, 31, tzinfo=UTC) < found.listed_at < datetime(2100, 1, 2, tzinfo=UTC)
    keys = [(row.name, row.mac if found.source == MeterSource.S11 else "", row.day) for row in found.rows]
    assert len(set(keys)) == len(keys)
    for row in found.rows:
        fits(row, found)
    for bad in found.bad_rows:
        assert f"{bad.meter}{bad.reason}{bad.seen}".isprintable()
        assert len(bad.meter) < 65
        assert len(bad.seen) < 65
    assert f"{found.version}{found.file_name}".encode().find(b"\0") < 0
    assert found.request_id is None or 0 <= found.request_id < 2**63


def fits(row: ListedMeter, found: ReceivedList) -> None:
    assert re.fullmatch(METER_NAME, row.name) or (found.source == MeterSource.S11 and row.mac)
    assert re.fullmatch("|[0-9A-F]{12}|[0-9A-F]{16}", row.mac)
    assert row.last_seen is None or row.last_seen <= found.listed_at + AHEAD
    assert row.last_seen is None or row.last_seen.year >= 1999
    for number, most in ((row.level, 255), (row.sid, 254), (row.lsid, 254), (row.lnid, 2**16), (row.changes, 2**31)):
        assert number is None or 0 <= number <= most
    assert row.availability is None or 0 <= row.availability <= 100
    assert row.type.isprintable()


@pytest.mark.parametrize("seed", range(examples(200, 10)))
def test_mutated_files_are_read_or_refused(seed: int) -> None:
    """100 of each seed: 20,000 under CI."""
    random = Random(seed)
    for _ in range(100):
        content = mutated(random.choice(SAMPLES), random)
        look(gzip.compress(content, 1) if random.random() < 0.1 else content, random.choice(ZONES))


def test_mutations_are_read_as_well_as_refused() -> None:
    """Else they would show nothing of one of the two."""
    random = Random(0)
    said = [look(mutated(random.choice(SAMPLES), random)) for _ in range(200)]
    assert 20 < said.count("") < 180
    assert len({re.sub("[0-9]+", "", sentence) for sentence in said}) > 5


@pytest.mark.parametrize("name", ["g02.xml", "s11.xml", "message-ns2.xml", "message-packed.xml", "packed.gz"])
def test_a_file_that_breaks_off_is_refused_at_each_byte(name: str) -> None:
    whole = sample(name).rstrip()
    for end in range(len(whole)):
        assert look(whole[:end]), end
    assert look(whole) == ""


@pytest.mark.parametrize("size", [0, 1, 2, 3, 10, 100])
def test_noise_is_refused(size: int) -> None:
    random = Random(size)
    for _ in range(50):
        assert look(random.randbytes(size))
