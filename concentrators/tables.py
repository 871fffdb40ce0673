from __future__ import annotations

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _l

from smmeplus.common.lists import ListTable, NumberColumn

#: Rows of one line each, because it matters more to see many rows than to see all columns of each.
ONE_LINE = {"td": {"class": "one-line"}}


class ConcentratorColumns(ListTable):
    """The columns of the reference system, wherever concentrators are listed (CON-2)."""

    serial_number = tables.Column(verbose_name=_l("Serial number"))
    type = tables.Column(verbose_name=_l("Type"))
    manufacturer = tables.Column(verbose_name=_l("Manufacturer"))

    class Meta:
        order_by = "serial_number"
        empty_text = _l("No concentrator matches. Change the search or the company.")


class ConcentratorTable(ConcentratorColumns):
    serial_number = tables.Column(
        verbose_name=_l("Serial number"), linkify=("concentrator:page", [tables.A("serial_number")])
    )
    company = tables.Column(verbose_name=_l("Company"))
    substation = tables.Column(verbose_name=_l("Substation"), attrs=ONE_LINE)
    feeder = tables.Column(verbose_name=_l("Feeder"))
    region = tables.Column(verbose_name=_l("Region"), attrs=ONE_LINE)
    carrier = tables.Column(verbose_name=_l("Carrier"), attrs=ONE_LINE)
    customers = NumberColumn(verbose_name=_l("Customers"))
    management_ip = tables.Column(verbose_name=_l("Management IP"))
    state = tables.Column(verbose_name=_l("State"), attrs=ONE_LINE)
    profile = tables.Column(verbose_name=_l("Spontaneous profile"), order_by="profile__name_folded", attrs=ONE_LINE)

    class Meta(ConcentratorColumns.Meta):  # which a table does not inherit by itself
        pass
