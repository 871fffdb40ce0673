"""Each role of the database does what its processes do, and nothing else (ACC-3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings
from pytest_django.plugin import DjangoDbBlocker

from concentrators.keys.passwords import check_keys
from concentrators.models import Company, Concentrator, DeviceKeys
from profiles.models import SpontaneousProfile, SystemSettings
from smmeplus.checks import check_rights
from smmeplus.dlms.kinds import Kind
from tests.deploy.database_roles import NAMES, acting_as, apply_roles, processes_as, remove_roles
from tests.factories import ConcentratorFactory, SpontaneousProfileFactory
from tests.smmeplus.every_url import paths_without_arguments
from tests.smmeplus.populated import populate
from tests.smmeplus.users import client_of
from wakeup.listener.vitals.heartbeat import write_run
from wakeup.models import CountingZone, Delivery, Format, ListenerRun, Message, StrayFrame, StrayReason, SurplusCount
from wakeup.models.strays import Stray
from wakeup.recording.arrivals import Arrival
from wakeup.recording.inbox import count_strays
from wakeup.recording.recorder import record
from wakeup.recording.surplus import count_surplus
from wakeup.retention.partitions import ensure_partitions, partitions

__test__ = connection.vendor == "postgresql"
pytestmark = pytest.mark.django_db

AT = datetime(2020, 9, 24, 10, tzinfo=UTC)
#: Insert-only for all but the owner: what says who did what, when.
AUDIT = {model._meta.db_table for model in apps.get_models() if model.__name__.startswith("Historical")} | {
    "django_admin_log",
    "wakeup_incidentnote",
    "wakeup_statuschange",
}


@pytest.fixture(scope="module", autouse=True)
def roles(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        apply_roles()
        yield
        remove_roles()


@pytest.fixture
def one(chile: Company) -> Concentrator:
    return ConcentratorFactory.create(company=chile)


@pytest.fixture
def _same_partitions(transactional_db: None) -> Iterator[None]:
    """Tests of other days come to the same database, and expect those that its migration made."""
    before = {one.name: one.span for one in partitions()}
    yield
    after = {one.name for one in partitions()}
    with connection.cursor() as cursor:
        for name in after - before.keys():
            cursor.execute(f"DROP TABLE {name}")
        for name in before.keys() - after:
            begin, end = before[name]
            values = f"FROM ('{begin} 00:00+00') TO ('{end} 00:00+00')"
            cursor.execute(f"CREATE TABLE {name} PARTITION OF wakeup_message FOR VALUES {values}")


def arrival(one: Concentrator, at: datetime) -> Arrival:
    return Arrival(one.serial_number, Kind.BOOT, Format.PUSH, at, "10.60.0.1", 58_692)


def rights(name: str, table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS word"
            " WHERE has_table_privilege(%s, %s, word)"
            " OR (word = 'UPDATE' AND has_any_column_privilege(%s, %s, 'UPDATE'))",
            [NAMES[name], table, NAMES[name], table],
        )
        return {word for (word,) in cursor.fetchall()}


class TestListener:
    def test_stores_messages_of_a_new_company_and_counts_them(self, one: Concentrator) -> None:
        with acting_as("listener"):
            record([arrival(one, AT), arrival(one, AT + timedelta(minutes=10))])
            count_surplus([arrival(one, AT)])
        assert (Message.objects.count(), CountingZone.objects.count(), SurplusCount.objects.count()) == (2, 1, 1)

    def test_keeps_the_inbox_and_its_own_row(self, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("wakeup.recording.inbox.MAX_STRAY_SENDERS", 1)
        with acting_as("listener"):
            for sender in ("A", "B"):  # the second one displaces the first
                count_strays([Stray(StrayReason.UNKNOWN, sender, AT, "10.60.0.1", b"x", "")])
            write_run(ListenerRun(host="h", process_id=1, address="0.0.0.0", port=1, started_at=AT, seen_at=AT))
        assert {row.sender for row in StrayFrame.objects.all()} == {"B", StrayFrame.OTHERS}
        assert ListenerRun.objects.count() == 1

    def test_makes_partitions_that_are_the_owners(self, db: None) -> None:
        SystemSettings(messages_kept_days=30).save()
        with acting_as("listener"):
            made = ensure_partitions(AT)
        with connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE tablename = ANY(%s)", [made])
            assert cursor.fetchall() == [(connection.settings_dict["USER"],)]
        assert len(made) == 8

    def test_reads_nothing_of_people_and_secrets(self, db: None) -> None:
        secret = (
            "auth_user",
            "django_session",
            "knox_authtoken",
            "concentrators_managementpassword",
            "wakeup_receiver",
        )
        assert [rights("listener", table) for table in secret] == [set()] * len(secret)

    def test_is_checked_without_a_look_at_what_it_may_not_read(self, db: None, settings: Settings) -> None:
        settings.CONFIGURATION_KEYS = []
        with acting_as("listener"):
            assert check_keys(databases=["default"]) == []

    def test_changes_counters_of_keys_and_never_the_keys(self, db: None) -> None:
        with acting_as("listener"), connection.cursor() as cursor:
            cursor.execute("UPDATE concentrators_devicekeys SET accepted_counter = 1, own_counter = 2")
            for column in ("encrypted_unicast_key", "system_title"):
                with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                    cursor.execute(f"UPDATE concentrators_devicekeys SET {column} = 'x'")


class TestWeb:
    def test_shows_every_page(self, administrator: User, chile: Company) -> None:
        populate(chile, "W", 2)
        with acting_as("web"):
            client = client_of(administrator)
            answered = {path: client.get(path).status_code for path in paths_without_arguments()}
        assert {path: code for path, code in answered.items() if code >= 500 and path != "/healthz"} == {}
        assert sum(code == 200 for code in answered.values()) > 50

    def test_changes_a_profile_and_its_history_stays(self, administrator: User) -> None:
        profile = SpontaneousProfileFactory.create()
        with acting_as("web"):
            page = reverse("admin:profiles_systemsettings_changelist")
            assert client_of(administrator).get(page, follow=True).status_code == 200
            profile.name = "Another name"
            profile.save()
            assert [row.history_type for row in profile.history.all()] == ["~", "+"]
            for change in (profile.history.all().delete, partial(profile.history.update, name="Nothing")):
                with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                    change()
        assert SpontaneousProfile.objects.get().name == "Another name"

    def test_signs_in_and_out(self, administrator: User) -> None:
        client = Client()
        with acting_as("web"):
            for password in ("wrong", "administrator"):
                client.post(reverse("login"), {"username": "administrator", "password": password})
            assert client.get("/", follow=True).status_code == 200
            assert client.post(reverse("logout")).status_code == 302

    def test_makes_no_messages_and_deletes_none(self, one: Concentrator) -> None:
        assert rights("web", "wakeup_message") == rights("web", "wakeup_message_default") == {"SELECT"}
        with acting_as("web"), pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            record([arrival(one, AT)])


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_same_partitions")
def test_the_jobs_do_all_their_work(
    chile: Company, one: Concentrator, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    populate(chile, "J", 2)
    Delivery.objects.all().delete()  # their numbers are made up
    DeviceKeys.objects.all().delete()  # nothing decrypts them
    SystemSettings(messages_kept_days=30).save()
    old = timezone.now() - timedelta(days=100)
    history = tmp_path / "history.csv"
    history.write_text(
        f"serial_number,received_at,ip_address,port,kind\n{one.serial_number},{old.isoformat()},10.60.0.1,58692,boot\n"
    )
    meters = tmp_path / "meters.csv"
    meters.write_text(f"concentrator,meter\n{one.serial_number},ZIV0000000001\n")
    with processes_as("jobs"):
        call_command("importwakeups", history)
        before = partitions()
        for command in (["watchstatus", "--once"], ["writeconfigurations", "--once"], ["sendnotifications", "--once"]):
            call_command(*command)
        for command in (["storemonths"], ["importmeters", str(meters)], ["rebuildcounts"], ["prunemessages"]):
            call_command(*command)
        call_command("check", databases=["default"])
    assert "dropped" in capsys.readouterr().out
    assert {one.name for one in before} - {one.name for one in partitions()}
    assert not Message.objects.exists()


@pytest.mark.parametrize("name", ["web", "jobs", "listener"])
def test_what_was_done_stays_as_it_was_written(name: str, db: None) -> None:
    assert len(AUDIT) > 15
    allowed = {"SELECT", "INSERT"}
    assert {table: rights(name, table) for table in AUDIT if not rights(name, table) <= allowed} == {}
    assert "UPDATE" not in rights(name, "wakeup_message")


@pytest.mark.parametrize("name", ["web", "jobs", "listener"])
@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE wakeup_message",
        "TRUNCATE wakeup_strayframe",
        "CREATE TABLE x ()",
        "CREATE TEMPORARY TABLE wakeup_message ()",
        "ALTER TABLE wakeup_strayframe DISABLE TRIGGER ALL",
        "DELETE FROM django_migrations",
        "SELECT wakeup_make_partition('auth_user', now(), now())",
        "SELECT wakeup_drop_partition('wakeup_message_default')",
        "SELECT wakeup_drop_partition('wakeup_message; DROP TABLE auth_user')",
    ],
)
def test_no_role_has_the_owners_rights(name: str, statement: str, db: None) -> None:
    refused = "permission denied|must be owner|is no name of a partition|is no partition by time"
    refusal = pytest.raises(DatabaseError, match=refused)
    with acting_as(name), connection.cursor() as cursor, refusal, transaction.atomic():
        cursor.execute(statement)


def test_the_file_may_be_run_again_and_takes_back_what_was_given_by_hand(db: None) -> None:
    """Asked by another session, for this one may not look again before its transaction ends."""
    rights_of_all = "SELECT relname, relacl::text FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1"
    before = _apart(rights_of_all)
    _apart(f"GRANT SELECT ON auth_user TO {NAMES['listener']}")
    assert _apart(rights_of_all) != before
    apply_roles()
    assert _apart(rights_of_all) == before


class TestCheck:
    """``check --database default``, which says when the file has to be run again."""

    def test_is_content_after_the_file_was_run(self, db: None) -> None:
        assert check_rights(databases=["default"]) == []
        assert check_rights() == []

    @pytest.mark.parametrize(
        ("statement", "said"),
        [
            ("CREATE TABLE reports_new ()", "reports_new: nobody but the owner has a right"),
            ("GRANT UPDATE ON django_admin_log TO {web}", "django_admin_log: {web} may change what was written"),
            ("GRANT TRUNCATE ON profiles_historicalsystemsettings TO PUBLIC", "everybody may change what was written"),
        ],
    )
    def test_names_what_is_wrong(self, statement: str, said: str, db: None) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement.format(**NAMES))
        (warning,) = check_rights(databases=["default"])
        assert said.format(**NAMES) in warning.msg

    def test_says_nothing_where_one_role_does_it_all(self, db: None) -> None:
        with connection.cursor() as cursor:
            for role in NAMES.values():
                cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}")
            cursor.execute("CREATE TABLE reports_new ()")
        assert check_rights(databases=["default"]) == []


def _apart(statement: str) -> list[Any]:
    facts = connection.get_connection_params()
    with psycopg.connect(**{key: facts[key] for key in ("dbname", "user", "host", "port")}) as apart:
        done = apart.execute(statement.encode())
        return done.fetchall() if done.description else []
