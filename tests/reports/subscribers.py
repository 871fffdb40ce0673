"""Users to whom the report of the day is mailed."""

from __future__ import annotations

from django.contrib.auth.models import User

from concentrators.models import Company
from reports.models import Subscription
from tests.reports.arrivals import utc
from tests.smmeplus.users import make_viewer

SITE = "https://smmeplus.example"
NEXT_MORNING = utc("2020-09-24 08:00")


def subscribe(company: Company, name: str = "viewer", language: str = "en") -> Subscription:
    user = User.objects.filter(username=name).first() or make_viewer(company, name=name)
    user.email = f"{name}@chile.example"
    user.save()
    return Subscription.objects.create(user=user, company=company, language=language)
