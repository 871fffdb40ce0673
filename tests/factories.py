"""Things of the product, ready-made: ``ConcentratorFactory.create(in_field=True)``."""

from __future__ import annotations

from datetime import timedelta

import factory
from django.contrib.auth.models import User
from django.utils import timezone

from concentrators.models import Company, Concentrator, ConcentratorType, OutOfService, State
from concentrators.procedures.watches import add_watches, note_outs
from profiles.models import ProcedureProfile, SpontaneousProfile
from wakeup.models import Incident, Outage


class UserFactory(factory.django.DjangoModelFactory[User]):
    """A user without any permission."""

    class Meta:
        model = User

    username = factory.Sequence(lambda n: f"user{n}")


class CompanyFactory(factory.django.DjangoModelFactory[Company]):
    class Meta:
        model = Company

    name = factory.Sequence(lambda n: f"Company {n}")
    time_zone = "America/Santiago"


class ConcentratorTypeFactory(factory.django.DjangoModelFactory[ConcentratorType]):
    class Meta:
        model = ConcentratorType
        django_get_or_create = ("name",)

    name = "CERCO1"


class SpontaneousProfileFactory(factory.django.DjangoModelFactory[SpontaneousProfile]):
    class Meta:
        model = SpontaneousProfile

    name = factory.Sequence(lambda n: f"Profile {n}")
    wakeup_ip = "10.132.20.228"
    wakeup_period = 10


class ProcedureProfileFactory(factory.django.DjangoModelFactory[ProcedureProfile]):
    """One besides the default, which a migration makes; of one wave, like that one."""

    class Meta:
        model = ProcedureProfile

    name = factory.Sequence(lambda n: f"Procedure {n}")


def _watched(one: Concentrator, create: bool, _value: object) -> None:
    if create and one.state == State.IN_FIELD:
        add_watches(Concentrator.objects.filter(pk=one.pk))


def _noted(out: OutOfService, create: bool, _value: object) -> None:
    if create:
        note_outs(out.concentrator_id, out.begin)


class ConcentratorFactory(factory.django.DjangoModelFactory[Concentrator]):
    """An available concentrator; with ``in_field=True`` an installed one with a profile of its own."""

    class Meta:
        model = Concentrator
        skip_postgeneration_save = True

    class Params:
        in_field = factory.Trait(
            state=State.IN_FIELD,
            profile=factory.SubFactory(SpontaneousProfileFactory),
            installed_at=factory.LazyFunction(timezone.now),
        )

    serial_number = factory.Sequence(lambda n: f"16CEC506{n:08d}")
    company = factory.SubFactory(CompanyFactory)
    type = factory.SubFactory(ConcentratorTypeFactory)

    watched = factory.PostGeneration(_watched)  # as by an installation


class OutOfServiceFactory(factory.django.DjangoModelFactory[OutOfService]):
    """A time out of service that was set before it began."""

    class Meta:
        model = OutOfService
        skip_postgeneration_save = True

    reason = "Works"

    noted = factory.PostGeneration(_noted)


class IncidentFactory(factory.django.DjangoModelFactory[Incident]):
    """An open one of feeder 12 of Pudahuel, which began ten minutes ago; it has no members yet."""

    class Meta:
        model = Incident

    company = factory.SubFactory(CompanyFactory)
    scope = "feeder"
    substation = "Pudahuel"
    feeder = "12"
    cause = "power"
    began_at = factory.LazyFunction(lambda: timezone.now() - timedelta(minutes=10))
    window_from = factory.SelfAttribute("began_at")
    window_until = factory.SelfAttribute("began_at")
    opened_at = factory.LazyAttribute(lambda one: one.began_at + timedelta(minutes=1))
    size = 4


class OutageFactory(factory.django.DjangoModelFactory[Outage]):
    """An open one that began ten minutes ago by a last gasp; with ``company=``, of a concentrator of it."""

    class Meta:
        model = Outage

    company = factory.SubFactory(CompanyFactory)
    concentrator = factory.SubFactory(
        ConcentratorFactory,
        company=factory.SelfAttribute("..company"),
        in_field=True,
        substation="Pudahuel",
        feeder="12",
        customers=100,
    )
    began_at = factory.LazyFunction(lambda: timezone.now() - timedelta(minutes=10))
    earliest_at = factory.SelfAttribute("began_at")
    latest_at = factory.SelfAttribute("began_at")
    noticed_at = factory.LazyAttribute(lambda one: one.began_at + timedelta(minutes=1))
    is_announced = True
    customers = factory.SelfAttribute("concentrator.customers")
