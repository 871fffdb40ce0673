"""Frames for the box *What would this frame be?*, and a type that gives one of them another kind."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from django.urls import reverse

from concentrators.models import ConcentratorType, KindRule
from smmeplus.dlms.kinds import Kind
from tests.factories import ConcentratorTypeFactory
from tests.smmeplus.dlms.vectors import VECTORS
from tests.smmeplus.translation.markup import texts

URL = reverse("frames:what")
FRAMES = {vector.name: vector.frame for vector in VECTORS}
KEEPALIVE, CODE_2 = FRAMES["DN-P-cerco1"], FRAMES["DN-C-boot"]
BY_RULE = "its rule on {}"


def make_smr() -> ConcentratorType:
    """A type to which ``KEEPALIVE`` is a last gasp."""
    smr: ConcentratorType = ConcentratorTypeFactory.create(name="SMR")
    KindRule.objects.create(type=smr, sign="push 0-1:25.9.0.255", kind=Kind.LASTGASP)
    return smr


def paragraphs(page: Element) -> list[str]:
    return texts(page, ".//main//p")
