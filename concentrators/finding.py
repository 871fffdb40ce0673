"""How commands find what their users name."""

from django.core.management.base import CommandError

from concentrators.models import Company


def find_company(name: str) -> Company:
    """The company called ``name``, without regard to case. Raises CommandError that lists those there are."""
    company = Company.objects.filter(name__iexact=name).first()
    if company is None:
        known = ", ".join(Company.objects.values_list("name", flat=True)) or "none yet"
        raise CommandError(f"There is no company “{name}”; there are: {known}.")
    return company
