"""A company with one of everything, and every address of the product with its ids (ACC-1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatch
from functools import reduce
from itertools import product
from operator import or_
from typing import Any, NamedTuple
from uuid import uuid4

import pytest
from django.apps import apps
from django.db.models import Model, Q, QuerySet
from django.urls import ResolverMatch, resolve, reverse
from django.utils import timezone

from concentrators.models import (
    CHANGES,
    Company,
    Concentrator,
    Configuration,
    DeviceKeys,
    InstallationFile,
    InstallationRow,
    MeterFile,
    MeterFileRow,
    MeterRowKind,
    OutOfService,
    PlannedWindow,
    RollOut,
    RollOutMember,
    RowKind,
    SightingChange,
    State,
)
from profiles.models import ProcedureProfile, SpontaneousProfile, SystemSettings
from tests.factories import CompanyFactory, ConcentratorFactory, ProcedureProfileFactory, SpontaneousProfileFactory
from tests.reports.arrivals import send
from tests.smmeplus.desks.desk import Desk
from tests.smmeplus.desks.meters import Meters
from tests.smmeplus.every_url import every_path
from tests.smmeplus.users import make_operator
from wakeup.models import Delivery, IncidentNote, StatusChange, StrayFrame, StrayReason

NAME = "Alfa Secreta"
AVAILABLE, IN_FIELD, REMOVED = SERIALS = ("SECRETA1", "SECRETF2", "SECRETR3")
FACTS = {
    "substation": "Hidden substation",
    "feeder": "Hidden feeder",
    "region": "Hidden region",
    "carrier": "Hidden carrier",
    "manufacturer": "Hidden works",
    "management_ip": "10.98.97.96",
}
FILE = "hidden-file.csv"
REASON = "Hidden reason"
METER = "SECRETM4"
TITLE = "4853540000000004"
PROFILES = ("Hidden profile", "Hidden procedure")
#: What nobody else may read.
SECRETS = (NAME, *SERIALS, *FACTS.values(), FILE, REASON, METER, TITLE, *PROFILES)
#: Models that belong to a company by something of its.
OF_THEIRS: Mapping[type[Model], str] = {
    InstallationRow: "file",
    MeterFileRow: "file",
    PlannedWindow: "work",
    IncidentNote: "incident",
    Delivery: "receiver",
    SightingChange: "sighting",
}


@dataclass
class Owned:
    """The company, its operator and its things. It has one concentrator in each state; ``other_profile`` is for all."""

    company: Company = field(default_factory=lambda: CompanyFactory.create(name=NAME))
    profile: SpontaneousProfile = field(default_factory=lambda: SpontaneousProfileFactory.create(name=PROFILES[0]))
    procedure: ProcedureProfile = field(default_factory=lambda: ProcedureProfileFactory.create(name=PROFILES[1]))
    shared_procedure: ProcedureProfile = field(default_factory=lambda: ProcedureProfileFactory.create(name="For all"))
    other_profile: SpontaneousProfile = field(default_factory=lambda: SpontaneousProfileFactory.create(name="Other"))

    def __post_init__(self) -> None:
        SystemSettings.objects.create(wakeup_ip="10.132.20.228")
        for own in (self.profile, self.procedure):
            own.company = self.company
            own.save()
        self.owner = make_operator(self.company, name="owner")
        self.concentrators = [
            self._concentrator(AVAILABLE),
            self._concentrator(IN_FIELD, in_field=True, profile=self.profile),
            self._concentrator(REMOVED, state=State.REMOVED),
        ]
        send(self.concentrators[1], f"{timezone.now():%Y-%m-%d %H:%M:%S}")
        self.file = InstallationFile.objects.create(
            user=self.owner,
            company=self.company,
            name=FILE,
            counts={"new": 1, "changed": 1, "errors": 1, "columns": {"16": 1}},
        )
        self._rows_of_file()
        self.meter_file = self._meter_file()
        in_field = self.concentrators[1]
        Configuration.objects.create(concentrator=in_field, profile=in_field.profile, since=timezone.now())
        DeviceKeys.objects.create(concentrator=in_field, system_title=TITLE, changed_at=timezone.now())
        self.out = OutOfService.objects.create(
            concentrator=self.concentrators[1],
            begin=timezone.now(),
            end=timezone.now() + timedelta(hours=1),
            reason=REASON,
        )
        self.roll_out = self._roll_out()
        StatusChange.objects.create(
            concentrator=self.concentrators[1], at=timezone.now(), to_status="never called", reason="operator"
        )
        self.desk = Desk(self.company, self.concentrators[1], FACTS["feeder"], REASON)
        self.meters = Meters(self.company, self.concentrators[1], METER, REASON)
        self.stray = self._stray(StrayReason.REMOVED, REMOVED)
        self.unknown = self._stray(StrayReason.UNKNOWN, "UNKNOWN1")

    def _rows_of_file(self) -> None:
        """One of each kind that is shown."""
        said = {"file": self.file, "serial_number": AVAILABLE, "profile": self.profile, "feeder": FACTS["feeder"]}
        wrong = [["feeder", FACTS["feeder"], "Wrong."]]
        for line, kind in enumerate(RowKind, 2):
            before = {"state": State.AVAILABLE, "profile_id": None, "feeder": ""} if kind in CHANGES else None
            errors = wrong if kind == RowKind.REFUSED else None
            InstallationRow.objects.create(
                **said, line=line, kind=kind, before=before, errors=errors, columns=16 if before else 0
            )

    def _meter_file(self) -> MeterFile:
        """With one row of each kind that is shown."""
        made = MeterFile.objects.create(user=self.owner, company=self.company, name=FILE, counts={"lists": 1})
        for kind in MeterRowKind:
            MeterFileRow.objects.create(
                file=made, kind=kind, line=2, concentrator=IN_FIELD, meter=METER, faults=[REASON]
            )
        return made

    def rows(self) -> dict[str, list[Any]]:
        """Everything of the company in all tables, those included that are new tomorrow."""
        models = apps.get_models(include_auto_created=True)
        found = {model._meta.label: self.of(model) for model in models}
        return {name: list(rows.order_by("pk").values_list()) for name, rows in found.items() if rows is not None}

    def of(self, model: type[Model]) -> QuerySet[Any] | None:
        """The company's rows of ``model``; None if its rows belong to no company."""
        conditions = [*self._conditions(model)]
        return model._default_manager.filter(reduce(or_, conditions)) if conditions else None

    def _conditions(self, model: type[Model]) -> Iterator[Q]:
        if model in (Company, Company.history.model):
            yield Q(id=self.company.pk)
        if model is StrayFrame:
            yield Q(sender__in=SERIALS)
        if model in (Concentrator.history.model, Concentrator):
            yield Q(serial_number__in=SERIALS)
        if model in OF_THEIRS:
            yield Q(**{f"{OF_THEIRS[model]}__company": self.company.pk})
        for key in model._meta.fields:
            if key.related_model is Company:
                yield Q(**{key.name: self.company.pk})
            elif key.related_model is Concentrator:
                yield Q(**{f"{key.attname}__in": [one.pk for one in self.concentrators]})

    def _concentrator(self, serial: str, **values: Any) -> Concentrator:
        return ConcentratorFactory.create(serial_number=serial, company=self.company, **FACTS, **values)

    def _roll_out(self) -> RollOut:
        """Of the one in field, which failed."""
        now = timezone.now()
        made = RollOut.objects.create(
            company=self.company,
            action="modification",
            procedure=ProcedureProfile.objects.default(),
            profile_name=NAME,
            began_at=now,
            since=now,
            audit_id=uuid4(),
            size=1,
        )
        one = self.concentrators[1]
        Configuration.objects.filter(concentrator=one).update(
            profile=self.profile, roll_out=made, state="failed", failures=24
        )
        RollOutMember.objects.create(
            roll_out=made, concentrator=one, wave=1, was_in_field=True, outcome="failed", since=now
        )
        return made

    def _stray(self, reason: StrayReason, sender: str) -> StrayFrame:
        now = timezone.now()
        return StrayFrame.objects.create(
            reason=reason, sender=sender, first_at=now, last_at=now, count=1, source_ip="10.1.1.1", last_bytes=b"\x01"
        )


class Address(NamedTuple):
    """An address by the name of its view.

    ``is_foreign`` if it leads to a thing that is the company's alone; ``is_of_companies`` if to such things at all.
    """

    view: str
    path: str
    is_foreign: bool
    is_of_companies: bool = True


#: What the arguments of views stand for, by view and argument.
ARGUMENTS: Mapping[str, Callable[[Owned], list[object]]] = {
    "profiles:* pk": lambda owned: [owned.profile.pk],
    "procedures:* pk": lambda owned: [owned.procedure.pk],
    "concentrators:* pk": lambda owned: [owned.file.pk],
    "meterfiles:* pk": lambda owned: [owned.meter_file.pk],
    "concentrator:* serial_number": lambda _owned: [*SERIALS],
    "reports:unsubscribe key": lambda _owned: ["no-key-of-ours"],
    "rollouts:* pk": lambda owned: [owned.roll_out.pk],
    "api:roll*out* pk": lambda owned: [owned.roll_out.pk],
    "wakeup:create-from-stray pk": lambda owned: [owned.unknown.pk],
    "wakeup:* pk": lambda owned: [owned.stray.pk],
    "incidents:* pk": lambda owned: [owned.desk.incident.pk],
    "api:incident-* pk": lambda owned: [owned.desk.incident.pk],
    "api:outage-* pk": lambda owned: [owned.desk.outage.pk],
    "*alarm* pk": lambda owned: [owned.desk.alarm.pk],
    "planned:* pk": lambda owned: [owned.desk.planned.pk],
    "api:outofservice-* pk": lambda owned: [owned.out.pk],
    "api:plannedwork-* pk": lambda owned: [owned.desk.planned.pk],
    "deliveries:* pk": lambda owned: [owned.desk.delivery.pk],
    "receivers:* pk": lambda owned: [owned.desk.receiver.pk],
    "meters:* pk": lambda owned: [owned.meters.meter.pk],
    "conflicts:* pk": lambda owned: [owned.meters.conflict.pk],
    "api:meter-* pk": lambda owned: [owned.meters.meter.pk],
    "api:meterconflict-* pk": lambda owned: [owned.meters.conflict.pk],
    "api:sighting-* pk": lambda owned: [owned.meters.sighting.pk],
    "api:company-* pk": lambda owned: [owned.company.pk],
    "api:installation-done audit_id": lambda owned: [owned.desk.action.id],
    "api:configuration-* serial_number": lambda _owned: [IN_FIELD],
    "api:concentrator-* serial_number": lambda _owned: [*SERIALS],
    "api:spontaneousprofile-* pk": lambda owned: [owned.profile.pk],
    "api:procedureprofile-* pk": lambda owned: [owned.procedure.pk],
}
OF_EVERYBODY = ("wakeup:create-from-stray",)  # unknown senders


def every_address(owned: Owned) -> Iterator[Address]:
    """Every address but those of the admin site. Fails for an argument of which nobody has said what it stands for."""
    for path in every_path():
        match = resolve(path)
        if path.startswith("/admin/"):
            continue
        if not match.kwargs and not match.args:
            yield Address(match.view_name, path, is_foreign=False)
            continue
        is_foreign = not any(fnmatch(match.view_name, pattern) for pattern in OF_EVERYBODY)
        for values in product(*(_values(owned, match, name) for name in match.kwargs)):
            arguments = dict(zip(match.kwargs, values, strict=True))
            yield Address(match.view_name, reverse(match.view_name, kwargs=arguments), is_foreign)


def _values(owned: Owned, match: ResolverMatch, name: str) -> list[object]:
    for pattern, values in ARGUMENTS.items():
        if fnmatch(f"{match.view_name} {name}", pattern):
            return values(owned)
    pytest.fail(f"{match.route}: tell ARGUMENTS which “{name}” of “{match.view_name}” is a stranger's")


def every_admin_address(owned: Owned) -> Iterator[Address]:
    """Every address of the admin site, with the key of the company's row of the model that it is about."""
    for path in every_path():
        _, room, *rest = path.split("/")
        if room != "admin":
            continue
        name = resolve(path).view_name
        model = apps.all_models.get(rest[0], {}).get(rest[1]) if len(rest) > 1 else None
        rows = owned.of(model) if model else None
        if "1" not in rest or rows is None:
            yield Address(name, _at_newest(path, model, 1), is_foreign=False, is_of_companies=rows is not None)
            continue
        for key in _keys(rows):
            of_row = path.replace("/1/", f"/{key}/", 1)
            yield Address(name, _at_newest(of_row, model, key), is_foreign=True)


def _keys(rows: QuerySet[Any]) -> list[object]:
    keys = list(rows.values_list("pk", flat=True))
    assert keys, f"{rows.model}: the company should have one"
    return keys


def _at_newest(path: str, model: Any, key: object) -> str:
    """``path``, which leads to a version, with that of the newest one of the row ``key``."""
    history = getattr(model, "history", None)
    newest = history.filter(id=key).values_list("history_id", flat=True).first() if history else None
    return path.replace("history/1/", f"history/{newest or 1}/")
