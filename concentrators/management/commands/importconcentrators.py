from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError
from django.utils import timezone

from concentrators.finding import find_company
from concentrators.importing import InventoryChanged, Outcome, Plan, UnreadableFile, check, forget, write
from concentrators.importing.rows import SourceFacts
from concentrators.models import CHANGES, Company, InstallationRow, RowKind
from concentrators.upload.wording import NOTHING, Wording
from profiles.models import ProcedureProfile
from profiles.names import fold_name
from smmeplus.common.commands.quiet import QuietCommand
from smmeplus.common.commands.sources import opened

SHOWN = 20  # rows of each kind


class Command(QuietCommand):
    help = "Read an installation file (CSV or XLSX) into the inventory, and install the concentrators with a profile."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="CSV or XLSX; - is standard input")
        parser.add_argument("--company", required=True, help="whose concentrators they are")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
        parser.add_argument("--only-good-rows", action="store_true", help="leave out the rows with errors")
        parser.add_argument(
            "--procedure", metavar="NAME", help="procedure profile by which it is done; else the default"
        )
        parser.add_argument("--user", help="who is responsible, for the audit")

    def handle(self, **options: Any) -> None:
        """Report on the file, then write it. Raises CommandError, and writes nothing, unless errors may be left out."""
        company, user = find_company(options["company"]), _find_user(options["user"])
        procedure = _find_procedure(options["procedure"], company)
        plan = _check(options["file"], company)
        try:
            self._report(plan)
            if plan.rejected and not options["only_good_rows"]:
                rows = "1 row has" if plan.rejected == 1 else f"{plan.rejected} rows have"
                raise CommandError(f"{rows} errors; nothing was written.")
            if options["dry_run"]:
                self._show_rows(plan)
                self.stdout.write("Dry run: nothing was written.")
                return
            outcome = _write(plan, company, user, procedure, only_good_rows=options["only_good_rows"])
            self.stdout.write(f"Written: {outcome.new} new, {outcome.changed} changed.")
        finally:
            forget(plan.file)

    def _report(self, plan: Plan) -> None:
        for error in plan.errors:
            self.stdout.write(str(error))
        if plan.error_count > len(plan.errors):
            self.stdout.write(f"and {plan.error_count - len(plan.errors)} errors more")
        self._report_source(plan.source)
        counts = plan.counts
        self.stdout.write(
            f"{counts.new} new, {counts.changed} changed, {counts.unchanged} unchanged, {counts.rejected} rejected; "
            f"{counts.installed} to install, {counts.modified} to give another profile"
            + (f", {counts.passwords} passwords to set or change" if counts.passwords else "")
            + (f", {counts.keys} with new or other keys" if counts.keys else "")
        )

    def _report_source(self, source: SourceFacts) -> None:
        for caution in source.cautions:
            self.stdout.write(f"Caution: {caution}")
        if source.sheet:
            passed_over = f"; not read: {', '.join(source.other_sheets)}" if source.other_sheets else ""
            self.stdout.write(f"Sheet “{source.sheet}” was read, with {source.hidden_rows} hidden rows{passed_over}.")

    def _show_rows(self, plan: Plan) -> None:
        """The first rows of each kind, in the words and the order of the preview; errors were printed before."""
        wording = Wording()
        for kind in (*CHANGES, RowKind.NEW):
            rows = InstallationRow.objects.filter(file=plan.file, kind=kind)
            number = rows.count()
            if number:
                which = f", of which these are the first {SHOWN}" if number > SHOWN else ""
                self.stdout.write(f"{kind.label}: {number}{which}")
            for row in rows.order_by("line")[:SHOWN]:
                said = "; ".join(wording.lines(row)) or NOTHING
                self.stdout.write(f"  line {row.line}, {row.serial_number}: {said}")


def _find_user(name: str | None) -> User | None:
    if name is None:
        return None
    user = User.objects.filter(username=name).first()
    if user is None:
        raise CommandError(f"There is no user “{name}”.")
    return user


def _find_procedure(name: str | None, company: Company) -> ProcedureProfile | None:
    if name is None:
        return None
    usable = ProcedureProfile.objects.usable_by(company)
    procedure: ProcedureProfile | None = usable.filter(name_folded=fold_name(name.strip())).first()
    if procedure is None:
        names = ", ".join(f"“{one}”" for one in usable)
        raise CommandError(f"There is no procedure profile “{name}”. There are: {names}.")
    return procedure


def _check(path: Path, company: Company) -> Plan:
    try:
        with opened(path) as source:
            return check(source, company)
    except UnreadableFile as error:
        raise CommandError(f"{path}: {error}") from None


def _write(
    plan: Plan, company: Company, user: User | None, procedure: ProcedureProfile | None, *, only_good_rows: bool
) -> Outcome:
    now = timezone.now()
    try:
        return write(plan, company=company, user=user, now=now, procedure=procedure, only_good_rows=only_good_rows)
    except InventoryChanged as error:
        raise CommandError(str(error)) from None
