"""Any number of everything that a company has, made at once."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from concentrators.models import (
    Assignment,
    Company,
    Concentrator,
    ConcentratorType,
    Configuration,
    ConfigurationState,
    DeviceKeys,
    Failure,
    Outcome,
    OutOfService,
    PowerFailure,
    RollOut,
    RollOutMember,
    RollOutState,
    State,
)
from concentrators.procedures.watches import add_watches
from profiles.look_alikes import look_alike_key
from profiles.models import ProcedureProfile, SpontaneousProfile
from profiles.names import fold_name
from tests.factories import ConcentratorTypeFactory
from tests.smmeplus.desks.many import populate_desk
from tests.smmeplus.desks.meters import populate_meters
from wakeup.models import (
    ClosedDay,
    CountingZone,
    ListenerRun,
    StatusChange,
    StrayFrame,
    StrayReason,
    WakeupTotal,
)

#: Of 30 rows 20 share one value and 10 another in most columns: every end of a page lies within a tie.
FIRST, ALL = 20, 30
BEGIN = datetime(2020, 9, 21, 12, tzinfo=UTC)


def populate(company: Company, prefix: str, number: int) -> None:
    """Make so many profiles of either kind, stray frames, listeners; of ``company`` concentrators of either state, too.

    Those in field have totals and days.
    """
    profiles = SpontaneousProfile.objects.bulk_create(_profile(company, prefix, index) for index in range(number))
    ProcedureProfile.objects.bulk_create(_procedure(company, prefix, index) for index in range(number))
    types = [ConcentratorTypeFactory.create(name=name) for name in ("CERCO1", "CERCO2")]
    _concentrators(company, f"{prefix}S", number, types, [])
    in_field = _concentrators(company, f"{prefix}F", number, types, profiles)
    Assignment.objects.bulk_create(row for index, one in enumerate(in_field) for row in _assignments(one, index))
    OutOfService.objects.bulk_create(_out_of_service(one) for one in in_field[FIRST:])
    add_watches(Concentrator.objects.filter(pk__in=[one.pk for one in in_field]))
    Configuration.objects.bulk_create(_configuration(one, index) for index, one in enumerate(in_field))
    DeviceKeys.objects.bulk_create(_keys(one, index) for index, one in enumerate(in_field))
    _roll_outs(company, prefix, in_field, profiles)
    CountingZone.objects.create(company=company, time_zone=company.time_zone)
    WakeupTotal.objects.bulk_create(_total(one, index) for index, one in enumerate(in_field))
    ClosedDay.objects.bulk_create(_day(one, index) for index, one in enumerate(in_field))
    StatusChange.objects.bulk_create(_change(one, index) for index, one in enumerate(in_field))
    populate_desk(company, prefix, in_field, FIRST, BEGIN)
    populate_meters(company, prefix, in_field, FIRST, BEGIN)
    PowerFailure.objects.bulk_create(_power_failure(one, index) for index, one in enumerate(in_field))
    StrayFrame.objects.bulk_create(_stray(prefix, index) for index in range(number))
    ListenerRun.objects.bulk_create(_listener(prefix, index) for index in range(number))


def _group(index: int) -> int:
    return int(index >= FIRST)


def _profile(company: Company, prefix: str, index: int) -> SpontaneousProfile:
    group, name = _group(index), f"{prefix}{index:03}"
    return SpontaneousProfile(
        name=name,
        name_folded=fold_name(name),
        name_looks=look_alike_key(name),
        company=company if group else None,
        wakeup_enabled=bool(group),
        wakeup_ip=f"10.0.0.{group + 1}",
        wakeup_period=10 + 10 * group,
    )


def _procedure(company: Company, prefix: str, index: int) -> ProcedureProfile:
    group, name = _group(index), f"{prefix}{index:03}"
    return ProcedureProfile(
        name=name,
        name_folded=fold_name(name),
        name_looks=look_alike_key(name),
        company=company if group else None,
        waves=("all", "10, all")[group],
        halt_percent=20 + 10 * group,
        verify_after_days=30 + 30 * group,
    )


def _concentrators(
    company: Company, prefix: str, number: int, types: list[ConcentratorType], profiles: list[SpontaneousProfile]
) -> list[Concentrator]:
    return Concentrator.objects.bulk_create(
        Concentrator(
            serial_number=f"{prefix}{index:03}",
            company=company,
            type=types[_group(index)],
            manufacturer=f"Manufacturer {_group(index)}",
            management_ip=f"10.1.0.{_group(index) + 1}",
            substation=f"SE-{_group(index)}",
            feeder=f"F-{_group(index)}",
            region=f"R-{_group(index)}",
            carrier=f"C-{_group(index)}",
            customers=_group(index),
            state=State.IN_FIELD if profiles else State.AVAILABLE,
            profile=profiles[-_group(index)] if profiles else None,
            installed_at=BEGIN + timedelta(days=_group(index)) if profiles else None,
        )
        for index in range(number)
    )


def _assignments(concentrator: Concentrator, index: int) -> list[Assignment]:
    """The first group's wake-up has been disabled two days after its installation."""
    begin = BEGIN + timedelta(days=_group(index))
    if _group(index):
        return [Assignment(concentrator=concentrator, begin=begin, period_min=20)]
    end = begin + timedelta(days=2)
    return [
        Assignment(concentrator=concentrator, begin=begin, end=end, period_min=10),
        Assignment(concentrator=concentrator, begin=end),
    ]


def _configuration(concentrator: Concentrator, index: int) -> Configuration:
    return Configuration(
        concentrator=concentrator,
        profile=concentrator.profile,
        state=(ConfigurationState.CONFIRMED, ConfigurationState.FAILED)[_group(index)],
        failure=("", Failure.UNREACHABLE)[_group(index)],
        since=BEGIN + timedelta(days=_group(index)),
        next_try_at=BEGIN + timedelta(days=1 + _group(index)),
        last_try_at=BEGIN + timedelta(days=_group(index)),
        tries=_group(index),
    )


def _keys(concentrator: Concentrator, index: int) -> DeviceKeys:
    title = f"{concentrator.pk:016X}"
    at = BEGIN + timedelta(days=_group(index))
    return DeviceKeys(concentrator=concentrator, system_title=title, changed_at=at, ciphered_only=bool(_group(index)))


def _roll_outs(company: Company, prefix: str, in_field: list[Concentrator], profiles: list[SpontaneousProfile]) -> None:
    """As many as concentrators. The first has those of the first group for members, the last all others, one open."""
    procedures = [ProcedureProfile.objects.default(), ProcedureProfile.objects.latest("pk")]
    made = RollOut.objects.bulk_create(
        RollOut(
            company=company,
            action=("installation", "modification")[_group(index)],
            procedure=procedures[_group(index)],
            started_by=company.users.first() if _group(index) else None,
            profile_name=f"{prefix}F{index:03}",
            state=(RollOutState.DONE, RollOutState.HALTED)[_group(index)],
            is_settled=not _group(index),
            since=BEGIN,
            began_at=BEGIN + timedelta(days=_group(index)),
            audit_id=uuid.UUID(int=index),
            size=1 + _group(index),
            waves=1 + _group(index),
            current_wave=1 + _group(index),
            halted_by=1,
            halted_of=1,
        )
        for index, _one in enumerate(in_field)
    )
    Configuration.objects.filter(concentrator__in=in_field[FIRST:]).update(roll_out=made[-1])
    RollOutMember.objects.bulk_create(
        RollOutMember(
            roll_out=made[-1] if _group(index) else made[0],
            concentrator=one,
            wave=1 + _group(index),
            was_in_field=bool(_group(index)),
            former_profile=profiles[0] if _group(index) else None,
            outcome=(Outcome.CONFIRMED, Outcome.FAILED)[_group(index)] if one is not in_field[-1] else Outcome.RELEASED,
            since=BEGIN + timedelta(days=_group(index)),
        )
        for index, one in enumerate(in_field)
    )


def _out_of_service(concentrator: Concentrator) -> OutOfService:
    """From the installation of the second group until midnight in Chile."""
    begin = BEGIN + timedelta(days=1)
    return OutOfService(concentrator=concentrator, begin=begin, end=begin + timedelta(hours=15), reason="Installed")


def _power_failure(concentrator: Concentrator, index: int) -> PowerFailure:
    at = BEGIN + timedelta(days=_group(index))
    return PowerFailure(concentrator=concentrator, ended_at=at, duration_s=60, read_at=at)


def _change(concentrator: Concentrator, index: int) -> StatusChange:
    group = _group(index)
    return StatusChange(
        concentrator=concentrator,
        at=BEGIN + timedelta(days=group),
        from_status=("reachable", "")[group],
        to_status=("late", "never called")[group],
        reason=("silence", "operator")[group],
        verdict=("carrier", "field")[group],
    )


def _total(concentrator: Concentrator, index: int) -> WakeupTotal:
    moment = BEGIN + timedelta(days=_group(index))
    return WakeupTotal(
        concentrator=concentrator,
        first_wakeup_at=moment,
        last_wakeup_at=moment,
        wakeup_count=5 + _group(index),
        source_ip=f"10.2.0.{_group(index) + 1}",
        port=58692 + _group(index),
    )


def _day(concentrator: Concentrator, index: int) -> ClosedDay:
    moment = BEGIN + timedelta(days=_group(index))
    return ClosedDay(
        concentrator=concentrator,
        day=moment.date(),
        wakeup_count=5 + _group(index),
        first_wakeup_at=moment,
        last_wakeup_at=moment,
        source_ip=f"10.2.0.{_group(index) + 1}",
    )


def _stray(prefix: str, index: int) -> StrayFrame:
    moment = BEGIN + timedelta(days=_group(index))
    return StrayFrame(
        reason=[StrayReason.MALFORMED, StrayReason.UNKNOWN][_group(index)],
        sender=f"{prefix}{index:03}",
        detail=f"Detail {_group(index)}",
        first_at=moment,
        last_at=moment,
        count=5 + _group(index),
        connections=_group(index),
        source_ip=f"10.2.0.{_group(index) + 1}",
        last_bytes=b"",
    )


def _listener(prefix: str, index: int) -> ListenerRun:
    """Of the first group one that runs, for it was seen in a future far away; of the other one that fell silent."""
    group = _group(index)
    return ListenerRun(
        id=uuid.UUID(f"{ord(prefix):02}{index:06}-0000-4000-8000-000000000000"),
        host=f"host{group}0",
        process_id=index,
        address=f"10.3.0.{group + 1}",
        port=58692 + group,
        started_at=BEGIN + timedelta(days=group),
        seen_at=datetime(2020 if group else 2099, 9, 23 - group, 12, tzinfo=UTC),
        messages_per_s=5.5 + group,
        queue=5 + group,
        connections=5 + group,
        message_count=5 + group,
        dropped=5 + group,
    )
