"""A file as it comes, in the envelope of a web service or without one."""

from __future__ import annotations

import binascii
from base64 import b64decode
from dataclasses import dataclass

from django.utils.translation import gettext as _

from concentrators.meters.stg.errors import StgError
from concentrators.meters.stg.found import CONCENTRATOR, REPORT
from concentrators.meters.stg.names import FileName, read_name
from concentrators.meters.stg.packing import unpack
from concentrators.meters.stg.reports import ConcentratorReport, first_number, reports_of
from concentrators.meters.stg.text import decode, tidy
from concentrators.meters.stg.xml import Element, parse

PAYLOAD, SENDER, REQUEST, STATUS = "Payload", "IdDC", "IdPet", "ReqStatus"
_TEXTS = frozenset((PAYLOAD, SENDER, REQUEST, STATUS))
_ENVELOPE = "Envelope"


@dataclass(frozen=True, slots=True)
class StgFile:
    reports: tuple[ConcentratorReport, ...]


def read(content: bytes, file_name: str = "") -> StgFile:
    """All of the file or nothing: StgError says in a sentence what is wrong, and where.

    ``content`` may be packed by gzip and may be the message of a web service with the report as its payload.
    """
    name = read_name(file_name)
    root = parse(decode(unpack(content)), _TEXTS)
    payloads = list(root.within(PAYLOAD))
    if len(payloads) > 1:
        raise StgError(_("The message has more than one payload. Send each report by itself."))
    return _in_envelope(root, payloads[0], name) if payloads else _plain(root, name)


def _in_envelope(root: Element, payload: Element, name: FileName) -> StgFile:
    said = {element.name: element.text.strip() for element in root.within(SENDER, REQUEST, STATUS)}
    report = _payload(payload, said.get(STATUS, ""))
    if next(report.within(PAYLOAD), None):
        raise StgError(_("The payload of the message is a message itself."))
    return _plain(report, name, said.get(SENDER, "").upper(), first_number(said.get(REQUEST, "")))


def _payload(payload: Element, status: str) -> Element:
    """The report in it: as text or packed by gzip in base64, whichever the message says; or as elements."""
    text = payload.text.strip()
    if not text and payload.children:
        return payload.children[0]
    if not text:
        raise StgError(_("The message has no report: its payload is empty, its status is “%s”.") % status[:20])
    xml = tidy(text)
    if xml.lstrip().startswith("<"):
        return parse(xml)
    try:
        packed = b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as error:
        raise StgError(_("The payload of the message is neither XML nor base64.")) from error
    return parse(decode(unpack(packed)))


def _plain(root: Element, name: FileName, sender: str = "", request_id: int | None = None) -> StgFile:
    reports = reports_of(root, name, sender, request_id)
    if not reports:
        raise _no_meters(root)
    return StgFile(tuple(reports))


def _no_meters(root: Element) -> StgError:
    report = root if root.name == REPORT else next(root.within(REPORT), None)
    if root.name == _ENVELOPE:
        return StgError(_("The message of a web service holds no report: it has no element Payload."))
    if report is None:
        seen = root.name[:40]
        return StgError(_("The file begins with <%s>. The report of a concentrator begins with <Report>.") % seen)
    kind = report.attributes.get("IdRpt", "").strip()[:20]
    if kind.upper() == "G01":
        return StgError(_("G01 holds no meters: it counts how many were reached in an hour. S24 lists them."))
    if kind and kind.upper() not in ("S24", "G02", "S06", "S11"):
        return StgError(_("%s holds no meters. S24, G02, S06 and S11 do.") % kind)
    if next(report.within(CONCENTRATOR), None):
        return StgError(_("The report does not say which one it is (IdRpt), and holds no meters."))
    return StgError(_("The report is of no concentrator: it has no element Cnc."))
