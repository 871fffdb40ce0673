from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone

from smmeplus.common.wording.durations import in_words

register = template.Library()


@register.filter
def lasted(begin: datetime | None, end: datetime | None = None) -> str:
    """How long it is from ``begin`` to ``end``, or until now; a dash without a beginning."""
    return in_words((end or timezone.now()) - begin) if begin else "—"
