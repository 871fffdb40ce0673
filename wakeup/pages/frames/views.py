"""What a frame would be, without recording it (WIR-4)."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _l
from django.views.generic import FormView

from concentrators.models import AnyUser, ConcentratorType
from smmeplus.common.dialogs import DialogMixin
from smmeplus.dlms.explaining.frames import explain
from wakeup.pages.frames.forms import FrameForm
from wakeup.pages.frames.meaning import read, types_with_rules
from wakeup.pages.frames.nodes import nested


class WhatFrame(DialogMixin, PermissionRequiredMixin, FormView[FrameForm]):
    """For whoever may see one of the pages that have the box: of an unknown sender, or of a type."""

    form_class = FrameForm
    template_name = "wakeup/frame.html"
    dialog_title = _l("What would this frame be?")
    submit_label = _l("Read the frame")

    def has_permission(self) -> bool:
        user = self.request.user
        return user.has_perm("wakeup.view_strayframe") or user.has_perm("concentrators.view_concentratortype")

    def form_valid(self, form: FrameForm) -> HttpResponse:
        return self.render_to_response(
            self.get_context_data(form=form, **said_of(self.request.user, **form.cleaned_data))
        )


def said_of(
    user: AnyUser,
    frame: bytes,
    type: ConcentratorType | None = None,  # noqa: A002 - the form's field
) -> dict[str, Any]:
    """What a page says of ``frame`` to ``user``, by the rules of ``type`` or, if None, of each type that has some."""
    reading = read(frame, user)
    first = frame[: reading.length or None]
    return {
        "reading": reading,
        "meanings": reading.by([type] if type else types_with_rules()),
        "nodes": nested(explain(first, reading.opened)),
        "left_over": len(frame) - len(first),
    }
