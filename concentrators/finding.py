from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from concentrators.models import Company


def find_company(name: str) -> Company:
    """The company called ``name``, ignoring case. Raises CommandError that lists the existing ones."""
    company = Company.objects.filter(name__iexact=name).first()
    if company is None:
        known = ", ".join(Company.objects.values_list("name", flat=True)) or _("none yet")
        raise CommandError(_("There is no company “%(name)s”. Known: %(known)s.") % {"name": name, "known": known})
    return company
