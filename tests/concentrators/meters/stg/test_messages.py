"""Messages of the web service: any prefix, the report as text or packed, and who sends it is whom it is of (MET-2)."""

from __future__ import annotations

import base64
import gzip
import html

import pytest

from concentrators.meters.stg import StgError, StgFile, read
from tests.concentrators.meters.stg.documents import CONCENTRATOR, OTHER, cnc, document, meter, received, s24

PLAIN = document(cnc(s24(meter())))
ESCAPED = html.escape(PLAIN)
PACKED = base64.b64encode(gzip.compress(PLAIN.encode())).decode()


def message(
    payload: str = ESCAPED, sender: str = CONCENTRATOR, soap: str = "S:", stg: str = "ns2:", **more: str
) -> bytes:
    values = {"IdPet": "4711", "IdDC": sender, "ReqStatus": "0", "Format": "0"} | more
    inside = "".join(f"<{stg}{name}>{value}</{stg}{name}>" for name, value in values.items())
    report = f"<{stg}Report>{inside}<{stg}Payload>{payload}</{stg}Payload></{stg}Report>"
    return f"<{soap}Envelope xmlns:S='u'><{soap}Header/><{soap}Body>{report}</{soap}Body></{soap}Envelope>".encode()


def held(content: bytes) -> list[str]:
    return [row.name for row in received(content).rows]


@pytest.mark.parametrize(("soap", "stg"), [("S:", "ns2:"), ("SOAP-ENV:", ""), ("", ""), ("soapenv:", "x:")])
def test_prefixes_do_not_matter(soap: str, stg: str) -> None:
    assert held(message(soap=soap, stg=stg)) == ["CIR9900000001"]


@pytest.mark.parametrize(
    "payload",
    [
        ESCAPED,
        f"\n  {ESCAPED}\n",
        html.escape(f"<?xml version='1.0' encoding='ISO-8859-15'?>{PLAIN}"),
        f"\ufeff{ESCAPED}",
        f"<![CDATA[{PLAIN}]]>",
        PLAIN,
        PACKED,
        "\n".join(PACKED[at : at + 76] for at in range(0, len(PACKED), 76)),
        base64.b64encode(PLAIN.encode()).decode(),
    ],
    ids=["text", "blanks", "declaration", "mark", "cdata", "elements", "packed", "lines", "base64"],
)
@pytest.mark.parametrize("form", ["0", "1", ""])
def test_what_the_payload_is_counts_and_not_what_the_message_says(payload: str, form: str) -> None:
    assert held(message(payload, Format=form)) == ["CIR9900000001"]


def test_the_whole_message_may_be_packed() -> None:
    assert held(gzip.compress(message())) == ["CIR9900000001"]


def test_a_report_without_an_envelope_around_is_read() -> None:
    content = f"<Report><IdDC>{CONCENTRATOR}</IdDC><Payload>{ESCAPED}</Payload></Report>"
    assert held(content.encode()) == ["CIR9900000001"]


@pytest.mark.parametrize("sender", [CONCENTRATOR, CONCENTRATOR.lower(), f" {CONCENTRATOR}\n", ""])
def test_the_sender_is_the_concentrator_or_is_not_said(sender: str) -> None:
    assert [one.concentrator for one in read(message(sender=sender)).reports] == [CONCENTRATOR]


def test_another_sender_is_refused_by_name() -> None:
    both = html.escape(document(cnc(s24(meter())), cnc(s24(), of=OTHER)))
    for payload, sender, other in ((ESCAPED, OTHER, CONCENTRATOR), (both, CONCENTRATOR, OTHER)):
        with pytest.raises(StgError) as error:
            read(message(payload, sender))
        assert f"{sender} (IdDC)" in str(error.value)
        assert f"{other} (Cnc Id)" in str(error.value)


@pytest.mark.parametrize(("inside", "request_id"), [("18", 18), ("", 4711)])
def test_the_request_is_the_reports_or_else_the_messages(inside: str, request_id: int) -> None:
    payload = html.escape(document(cnc(s24()), request=inside))
    assert [one.request_id for one in read(message(payload)).reports] == [request_id]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (message("", ReqStatus="2"), "its payload is empty, its status is “2”"),
        (message("not base64!"), "neither XML nor base64"),
        (message("AAAA"), "begins with|empty"),
        (message(PACKED[:40]), "neither XML nor base64|breaks off"),
        (message(html.escape(PLAIN[:-20])), "breaks off in line"),
        (message(html.escape("<!DOCTYPE a><a/>")), "DOCTYPE"),
        (message(html.escape(message().decode())), "is a message itself"),
        (message(base64.b64encode(gzip.compress(bytes(2**20))).decode()), "unpacks to more"),
        (message(html.escape(document(cnc(), kind="S05"))), "S05 holds no meters"),
        (message(f"{ESCAPED}</ns2:Payload><ns2:Payload>{ESCAPED}"), "more than one payload"),
        (b"<Envelope><Body><UpdateRequestStatus><IdPet>1</IdPet></UpdateRequestStatus></Body></Envelope>", "Payload"),
        (b"<Envelope/>", "Payload"),
    ],
)
def test_what_holds_no_report_is_refused_in_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(StgError, match=sentence):
        read(content)


def test_a_message_is_read_as_its_report_is() -> None:
    assert isinstance(read(message()), StgFile)
    assert received(message()).rows == received(PLAIN).rows
