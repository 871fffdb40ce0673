"""The box *What would this frame be?* (WIR-4)."""

from __future__ import annotations

from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _l

from concentrators.models import ConcentratorType
from smmeplus.common.forms import StyledForm
from wakeup.formats import MAX_FRAME
from wakeup.pages.frames.hexadecimal import bytes_of_hex

#: Enough for each byte as ``0x00, `` with a line break behind it.
MAX_TYPED: Final = 8 * MAX_FRAME


class FrameForm(StyledForm, forms.Form):
    frame = forms.CharField(
        label=_l("Frame in hex"),
        max_length=MAX_TYPED,
        widget=forms.Textarea({"rows": 4, "spellcheck": "false"}),
        error_messages={"required": _l("Nothing was entered. Enter the bytes of a frame in hex.")},
        help_text=_l("Spaces, colons, commas, 0x and line breaks do not matter."),
    )
    type = forms.ModelChoiceField(
        ConcentratorType.objects.all(),
        label=_l("By the rules of"),
        required=False,
        empty_label=_l("each type with rules of its own"),
    )

    mandatory = ("frame",)  # marked with *

    def clean_frame(self) -> bytes:
        return bytes_of_hex(self.cleaned_data["frame"], MAX_FRAME)


def box_for(frame: bytes) -> FrameForm:
    """The box with ``frame`` in it, or empty if it would be refused as too long."""
    return FrameForm(initial={"frame": frame.hex(" ")} if len(frame) <= MAX_FRAME else None)
