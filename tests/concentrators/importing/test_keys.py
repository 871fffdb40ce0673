"""Keys of ciphered messages in installation files: read, compared and refused, and shown nowhere (SEC-3, CON-5)."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.utils import timezone

from concentrators.importing import COLUMN_NAMES, Counts, InventoryChanged, Outcome, Plan, UnreadableFile, check, write
from concentrators.keys.storing import keys_of, remove_keys, set_keys
from concentrators.models import Company, Concentrator, DeviceKeys, InstallationFile, InstallationRow, UsedKey
from concentrators.upload.wording import Wording
from tests.factories import CompanyFactory, ConcentratorFactory, ConcentratorTypeFactory
from tests.smmeplus.users import make_administrator, make_operator

pytestmark = pytest.mark.django_db

HEADER = "serial_number,system_title,unicast_key,authentication_key,ciphered_only"
TITLES = [f"41705300000000{number:02X}" for number in range(10)]
KEYS = [bytes(range(first, first + 16)) for first in range(0, 240, 16)]
HEX = [key.hex() for key in KEYS]


@pytest.fixture
def company(settings: Any) -> Company:
    settings.CONFIGURATION_KEYS = [Fernet.generate_key().decode()]
    ConcentratorTypeFactory.create()
    return CompanyFactory.create(name="Chile")


def checked(company: Company, *lines: str, file: InstallationFile | None = None) -> Plan:
    return check(io.BytesIO("\n".join(lines).encode()), company, file=file)


def written(company: Company, *lines: str) -> Outcome:
    return write(checked(company, *lines), company=company, user=None, now=timezone.now())


def make(company: Company, serial: str, number: int | None = None) -> Concentrator:
    """``number``: that of its title and of its first key, if it has any."""
    one: Concentrator = ConcentratorFactory.create(serial_number=serial, company=company)
    if number is not None:
        pair = KEYS[number], KEYS[number + 1]
        set_keys(one, TITLES[number], *pair, user=None, now=timezone.now())
    return one


def stored() -> dict[str, tuple[str, tuple[bytes, bytes], bool]]:
    rows = DeviceKeys.objects.select_related("concentrator")
    return {row.concentrator.serial_number: (row.system_title, keys_of(row), row.ciphered_only) for row in rows}


def test_new_and_known_ones_get_keys(company: Company) -> None:
    make(company, "A1")
    make(company, "A2", 2)
    make(company, "A3", 4)
    rows = [f"A1,{TITLES[0]},{HEX[0]},{HEX[1].upper()},true", f"A2,,{HEX[6]},{HEX[7]},", "A3,,,,", f"A4,{TITLES[1]},"]
    rows[3] += f"{HEX[8]},{HEX[9]},no"
    assert written(company, HEADER, *rows) == Outcome(1, 2, 0, 0, 0, 3)
    assert stored() == {
        "A1": (TITLES[0], (KEYS[0], KEYS[1]), True),
        "A2": (TITLES[2], (KEYS[6], KEYS[7]), False),
        "A3": (TITLES[4], (KEYS[4], KEYS[5]), False),
        "A4": (TITLES[1], (KEYS[8], KEYS[9]), False),
    }
    assert UsedKey.objects.filter(device__isnull=False).count() == 4


def test_the_same_again_is_unchanged(company: Company) -> None:
    make(company, "A1", 0)
    DeviceKeys.objects.update(accepted_counter=7, own_counter=9)
    row = f"A1,{TITLES[0].lower()},{HEX[0]},{HEX[1]},FALSE"
    assert checked(company, HEADER, row).counts == Counts(0, 0, 1, 0, 0, 0, 0, 0)
    assert written(company, "serial_number,feeder," + HEADER[14:], row.replace("A1,", "A1,F1,")).keys == 0
    found = DeviceKeys.objects.get()
    assert (found.accepted_counter, found.own_counter) == (7, 9)


@pytest.mark.one_database
def test_the_preview_says_what_changes_and_never_a_key(company: Company) -> None:
    make(company, "A1", 0)
    plan = checked(
        company,
        HEADER,
        f"A1,{TITLES[5]},{HEX[4]},{HEX[5]},1",
        f"A2,{TITLES[6]},{HEX[6]},{HEX[7]},",
    )
    known, new = InstallationRow.objects.filter(file=plan.file).order_by("line")
    assert Wording().lines(known) == [
        f"System title: {TITLES[0]} → {TITLES[5]}",
        "Keys of ciphered messages: other keys",
        "Ciphered only: no → yes",
    ]
    assert Wording().lines(new)[-2:] == [f"System title: {TITLES[6]}", "Keys of ciphered messages: new keys"]


def test_what_is_kept_of_a_file_does_not_show_them(company: Company) -> None:
    rows = [
        f"A1,{TITLES[0]},{HEX[0]},{HEX[1]},",
        f"A2,{TITLES[1]},{HEX[2]},{HEX[3]}x,",
        f"A!,{TITLES[2]},{HEX[4]},{HEX[5]},",
    ]
    plan = checked(company, HEADER, *rows, f"A5,{TITLES[5]},{HEX[6]},{HEX[6]},")
    kept = str([*InstallationFile.objects.values_list(), *InstallationRow.objects.values_list(), plan]).lower()
    assert "a1" in kept
    assert not any(key in kept for key in HEX[:7])
    write(plan, company=company, user=None, now=timezone.now(), only_good_rows=True)
    assert [*stored()] == ["A1"]
    assert not InstallationRow.objects.filter(unicast_key__isnull=False).exists()


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        (f"{TITLES[0]},{HEX[0]},,", "authentication_key", "Both keys are needed."),
        (f"{TITLES[0]},,{HEX[0]},", "unicast_key", "Both keys are needed."),
        (f"{TITLES[0]},,,", "unicast_key", "It has no keys yet: a system title and both keys are needed."),
        (f",{HEX[0]},{HEX[1]},", "system_title", "It has no keys yet: a system title and both keys are needed."),
        (",,,true", "system_title", "It has no keys yet: a system title and both keys are needed."),
        (f"{TITLES[0]},{HEX[0]},{HEX[0]},", "authentication_key", "are the same"),
        (f"{TITLES[0]},{HEX[0][:31]},{HEX[1]},", "unicast_key", "There are 31 here."),
        (f"{TITLES[0]},{'0' * 32},{HEX[1]},", "unicast_key", "one byte again and again"),
        (f"{TITLES[0]},1.23457E+31,{HEX[1]},", "unicast_key", "power of ten"),
        (f"{TITLES[0]},1234567890123456789012345678901,{HEX[1]},", "unicast_key", "may have taken zeros"),
        (f"4.1705E+15,{HEX[0]},{HEX[1]},", "system_title", "power of ten"),
        (f"417053000001,{HEX[0]},{HEX[1]},", "system_title", "may have taken zeros"),
        (f"=A1,{HEX[0]},{HEX[1]},", "system_title", "A formula"),
        (f"{TITLES[0]},{HEX[0]},{HEX[1]},perhaps", "ciphered_only", "true or false."),
    ],
)
def test_what_is_wrong_is_refused_in_words(company: Company, cells: str, column: str, reason: str) -> None:
    plan = checked(company, HEADER, f"A1,{cells}")
    error = next(error for error in plan.errors if error.column == column)
    assert reason in error.reason
    assert plan.rejected == 1
    assert not any(key in str(plan.errors) for key in HEX[:2])


@pytest.mark.one_database
def test_hexadecimal_digits_that_look_like_a_power_of_ten_are_a_key(company: Company) -> None:
    key = "1E10" + "0" * 28
    assert written(company, HEADER, f"A1,1E10000000000000,{key},{HEX[1]},").keys == 1
    assert stored()["A1"][1][0] == bytes.fromhex(key)


@pytest.mark.one_database
def test_a_title_or_key_twice_in_the_file_or_of_another_one_is_refused(company: Company) -> None:
    make(company, "A1", 0)
    make(CompanyFactory.create(), "B1", 2)
    plan = checked(
        company,
        HEADER,
        f"N1,{TITLES[0]},{HEX[4]},{HEX[5]},",
        f"N2,{TITLES[2]},{HEX[6]},{HEX[7]},",
        f"N3,{TITLES[3]},{HEX[2]},{HEX[9]},",
        f"N4,{TITLES[4]},{HEX[8]},{HEX[9]},",
        f"N5,{TITLES[4]},{HEX[10]},{HEX[9]},",
        f"N6,{TITLES[6]},{HEX[8]},{HEX[9]},",
    )
    assert [(error.line, error.column, error.reason) for error in plan.errors] == [
        (2, "system_title", "A1 has this system title."),
        (3, "system_title", "A concentrator of another company has this system title."),
        (4, "unicast_key", "Another concentrator has this unicast key; each needs one of its own."),
        (6, "system_title", "Twice in the file; first in line 5."),
        (7, "unicast_key", "Twice in the file; first in line 5."),
    ]
    assert plan.new == 1


def test_who_has_got_the_title_or_the_key_since_the_check_keeps_it(company: Company) -> None:
    make(company, "A1")
    for mine, theirs in (((TITLES[0], 0), (TITLES[0], 2)), ((TITLES[0], 4), (TITLES[1], 4))):
        plan = checked(company, HEADER, f"A1,{mine[0]},{HEX[mine[1]]},{HEX[9]},", f"N1,{TITLES[9]},{HEX[8]},{HEX[9]},")
        other = make(company, f"Z{theirs[1]}")
        set_keys(other, theirs[0], KEYS[theirs[1]], KEYS[9], user=None, now=timezone.now())
        with pytest.raises(InventoryChanged):
            write(plan, company=company, user=None, now=timezone.now())
        assert [*stored()] == [other.serial_number]
        remove_keys(other, user=None, now=timezone.now())


@pytest.mark.one_database
def test_without_environment_keys_each_is_refused_and_says_why(company: Company, settings: Any) -> None:
    settings.CONFIGURATION_KEYS = []
    (error,) = checked(company, HEADER, f"A1,{TITLES[0]},{HEX[0]},{HEX[1]},", "A2,,,,").errors
    assert (error.line, error.column) == (2, "unicast_key")
    assert error.reason.startswith("CONFIGURATION_KEYS is not set")


@pytest.mark.one_database
def test_who_may_not_change_keys_is_told_to_leave_the_columns_out(company: Company) -> None:
    for user, may in ((make_operator(company), False), (make_administrator(company), True)):
        file = InstallationFile.objects.create(company=company, user=user)
        lines = HEADER, f"A1,{TITLES[0]},{HEX[0]},{HEX[1]},"
        if may:
            assert checked(company, *lines, file=file).keys == 1
            continue
        with pytest.raises(UnreadableFile, match="system_title, unicast_key, authentication_key, ciphered_only"):
            checked(company, *lines, file=file)


@pytest.mark.one_database
def test_keys_where_none_is_meant_are_not_told_either(company: Company) -> None:
    with pytest.raises(UnreadableFile) as caught:
        checked(company, f"A1,{HEX[0]}")
    assert HEX[0] not in str(caught.value)
    assert "a key" in str(caught.value)
    (error,) = checked(company, "serial_number,management_port", f"A1,{HEX[0]}").errors
    assert HEX[0] not in str(error)


@pytest.mark.one_database
def test_one_change_has_one_id_and_one_line_in_the_security_log(
    company: Company, caplog: pytest.LogCaptureFixture
) -> None:
    make(company, "A1")
    with caplog.at_level("INFO"):
        written(company, HEADER, *(f"A{number},{TITLES[number]},{HEX[number]},{HEX[9]}," for number in (1, 2, 3)))
    (record,) = [record for record in caplog.records if record.message == "keys"]
    facts: dict[str, Any] = vars(record)["facts"]
    assert (facts["change"], facts["concentrators"], facts["concentrator"]) == ("keys in a file", 3, None)
    reasons = set(DeviceKeys.history.values_list("history_change_reason", flat=True))
    assert reasons == {f"keys in a file {facts['audit_id']}"}
    assert Concentrator.history.filter(history_change_reason=f"file {facts['audit_id']}").count() == 3


@pytest.mark.one_database
def test_the_command_does_the_same(company: Company, tmp_path: Path) -> None:
    file, out = tmp_path / "keys.csv", io.StringIO()
    file.write_text(f"{HEADER}\nA1,{TITLES[0]},{HEX[0]},{HEX[1]},yes\n")
    call_command("importconcentrators", str(file), "--company", "Chile", "--dry-run", stdout=out)
    assert not DeviceKeys.objects.exists()
    call_command("importconcentrators", str(file), "--company", "Chile", stdout=out)
    assert stored() == {"A1": (TITLES[0], (KEYS[0], KEYS[1]), True)}
    assert "1 with new or other keys" in out.getvalue()
    assert HEX[0] not in out.getvalue()


@pytest.mark.one_database
def test_a_file_that_was_checked_before_an_upgrade_is_written(company: Company) -> None:
    plan = checked(company, "serial_number", "A1")
    del plan.file.counts["keys"]
    assert Plan.of(plan.file).keys == 0


@pytest.mark.one_database
def test_no_file_of_ours_has_the_columns() -> None:
    assert not {"system_title", "unicast_key", "authentication_key", "ciphered_only"} & {*COLUMN_NAMES}
