from __future__ import annotations

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from concentrators.models import Concentrator


def with_link_to_installation(said: str, concentrator: Concentrator) -> str:
    """``said`` with a link to the installation page, which then shows ``concentrator`` alone; as HTML."""
    query = {"company": concentrator.company_id, "c-q": concentrator.serial_number}
    url = reverse("concentrators:installation", query=query)
    return format_html('{} <a class="alert-link" href="{}">{}</a>', said, url, _("Install it"))
