"""How forms look: Bootstrap's classes, and the label of a wrong field circled in red (PRO-4)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"


class StyledForm(forms.BaseForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            style_widget(field.widget)


def is_secret(name: str) -> bool:
    """Whether what somebody typed into the field ``name`` is never kept, and never sent back to them."""
    return "password" in name.lower() or name.lower().endswith("_key")


def style_widget(widget: forms.Widget) -> None:
    widget.attrs.setdefault("class", _class_of(widget))


def _class_of(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput):
        return "form-check-input"
    if isinstance(widget, forms.Select):
        return "form-select"
    return "form-control"
