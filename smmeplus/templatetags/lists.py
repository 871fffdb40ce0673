from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import template

if TYPE_CHECKING:
    from smmeplus.common.lists import ListTable

register = template.Library()


@register.simple_tag
def table_url(table: ListTable, **changes: Any) -> str:
    """The address of this list with other ``sort``, ``page``, ``per_page``, ``export`` …; pages begin anew at 1."""
    query = table.request.GET.copy()
    names = {"sort": table.prefixed_order_by_field, "per_page": table.prefixed_per_page_field}
    query.pop(table.prefixed_page_field, None)
    if "page" in changes:
        query[table.prefixed_page_field] = str(changes["page"])
    for change in changes.keys() - {"page"}:
        query[names.get(change, change)] = str(changes[change])
    return f"{table.request.path}?{query.urlencode()}"
