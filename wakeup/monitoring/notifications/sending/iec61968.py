"""A delivery as an EndDeviceEvents message of IEC 61968-9, in the envelope of IEC 61968-100 (STA-7).

One event for the incident, not one for each concentrator. Its code is ``<device>.<domain>.<subdomain>.<event>``, put
together from the enumerations of annex E of IEC 61968-9:2013: device 10 is a collector, domain 26 power and 1
communication, subdomain 0 none, event 85 *failed* and 216 *restored*. (Read in two public implementations, Connexo's
``com.elster.jupiter.cbo`` and ``com.energyict.cim``; 3.26.0.85 for meters in the firmware of Aclara.) What has no code,
such as a fault of our side or a test, has 0.0.0.0, which says only that something happened; ``reason`` says what.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from wakeup.models import CauseClass, Delivery
from wakeup.monitoring.notifications.events import ENDS
from wakeup.monitoring.notifications.words import Facts, headline

MESSAGE: Final = "http://iec.ch/TC57/2011/schema/message"
EVENTS: Final = "http://iec.ch/TC57/2011/EndDeviceEvents#"
NO_CODE: Final = "0.0.0.0"  # noqa: S104 - no address
_DOMAINS: Final[dict[str, int]] = {CauseClass.POWER: 26, CauseClass.COMMUNICATION: 1, CauseClass.UNDECIDED: 0}
_FAILED, _RESTORED = 85, 216
_NOT_IN_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DETAILS: Final = ("substation", "feeder", "carrier", "cause", "concentrators", "dark", "customers", "part_of")

ElementTree.register_namespace("msg", MESSAGE)
ElementTree.register_namespace("ede", EVENTS)


def code_of(event: str, facts: Facts) -> str:
    """That of an incident by its cause: ``10.26.0.85`` when power fails, ``10.26.0.216`` when it is restored."""
    domain = _DOMAINS.get(facts.get("cause", ""))
    if domain is None:
        return NO_CODE
    return f"10.{domain}.0.{_RESTORED if event in ENDS else _FAILED}"


def message_of(delivery: Delivery, message: str, now: datetime) -> bytes:
    """``message`` is its id."""
    root = Element(f"{{{MESSAGE}}}EventMessage")
    header = SubElement(root, f"{{{MESSAGE}}}Header")
    for name, text in (
        ("Verb", "created"),
        ("Noun", "EndDeviceEvents"),
        ("Timestamp", now.astimezone(UTC).isoformat()),
        ("Source", "SMM ePlus"),
        ("MessageID", message),
    ):
        SubElement(header, f"{{{MESSAGE}}}{name}").text = text
    events = SubElement(SubElement(root, f"{{{MESSAGE}}}Payload"), f"{{{EVENTS}}}EndDeviceEvents")
    _add_event(SubElement(events, f"{{{EVENTS}}}EndDeviceEvent"), delivery, message)
    found: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return found


def _add_event(event: Element, delivery: Delivery, message: str) -> None:
    """In the order of the schema."""
    facts: Facts = delivery.body
    _add(event, "mRID", message)
    _add(event, "createdDateTime", _at(delivery, facts))
    _add(event, "issuerID", "SMM ePlus")
    _add(event, "issuerTrackingID", delivery.key)
    _add(event, "reason", headline(delivery.event, facts))
    _add(event, "severity", facts.get("priority") or "low")
    asset = SubElement(event, f"{{{EVENTS}}}Assets")
    _add(asset, "mRID", " / ".join(_place(facts)) or "SMM ePlus")
    for name in _DETAILS:
        if facts.get(name) not in (None, ""):
            detail = SubElement(event, f"{{{EVENTS}}}EndDeviceEventDetails")
            _add(detail, "name", name)
            _add(detail, "value", str(facts[name]))
    SubElement(event, f"{{{EVENTS}}}EndDeviceEventType", {"ref": code_of(delivery.event, facts)})


def _at(delivery: Delivery, facts: Facts) -> str:
    """When what is told came about."""
    true = facts.get("ended_at") if delivery.event in ENDS else facts.get("began_at")
    return true or delivery.made_at.isoformat()


def _place(facts: Facts) -> Iterator[str]:
    return (str(facts[name]) for name in ("company", "substation", "feeder", "carrier") if facts.get(name))


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, f"{{{EVENTS}}}{name}").text = _NOT_IN_XML.sub("\ufffd", text)
