"""What is known against the locked packages: ``python -m tests.support.supply.audit PIP_AUDIT [--must-ask]``.

By itself pip-audit says "No known vulnerabilities found" where a registry has no advisories at all, as most mirrors
have none. So an old Django, against which much is known, is asked about first.

Exit status: 0 if nothing is known, or nobody could be asked, which is said; 1 if something is known; 2 with
``--must-ask``, as for a release, if nobody could be asked.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tests import ROOT

LOCKED: Final = Path(ROOT, "requirements", "base.txt")
PROBE: Final = "django==1.11"
TIMEOUT_S: Final = 300.0  # of all questions; each one has 15 s


class CannotAskError(Exception):
    pass


def audit(program: str, requirements: Path = LOCKED) -> list[str]:
    """What is known, a line each. Raises CannotAskError if advisories are not to be had, or not for all packages."""
    with tempfile.TemporaryDirectory() as folder:
        probe = Path(folder, "probe.txt")
        probe.write_text(f"{PROBE}\n")
        if not list(_known(_asked(program, probe, "--no-deps"))):
            raise CannotAskError(f"The registry knows nothing against {PROBE}, so it has no advisories.")
    report = _asked(program, requirements, "--require-hashes")
    skipped = [found["skip_reason"] for found in report if "skip_reason" in found]
    if skipped:
        raise CannotAskError("\n".join(skipped))
    return list(_known(report))


def _asked(program: str, requirements: Path, *options: str) -> list[dict[str, Any]]:
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        command = [program, "-r", str(requirements), "--disable-pip", *options, "--timeout", "15"]
        said = ["--format", "json", "--output", file.name, "--progress-spinner", "off"]
        try:
            done = subprocess.run([*command, *said], capture_output=True, text=True, check=False, timeout=TIMEOUT_S)
            report: list[dict[str, Any]] = json.load(file)["dependencies"]
        except subprocess.TimeoutExpired:
            raise CannotAskError(f"No answer within {TIMEOUT_S:g} s.") from None
        except ValueError:
            raise CannotAskError(done.stderr.strip()[-500:]) from None
    return report


def _known(report: list[dict[str, Any]]) -> Iterator[str]:
    for found in report:
        for one in found.get("vulns", ()):
            mended = ", ".join(one["fix_versions"]) or "no version yet"
            yield f"{found['name']} {found['version']}: {one['id']}, mended by {mended}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.support.supply.audit", description=__doc__)
    parser.add_argument("program", metavar="PIP_AUDIT")
    parser.add_argument("--must-ask", action="store_true", help="end with 2 if nobody could be asked")
    options = parser.parse_args()
    try:
        known = audit(options.program)
    except CannotAskError as reason:
        sys.stderr.write(f"NOT AUDITED. {reason}\nRun `make audit` where the public registry itself can be asked.\n")
        sys.exit(2 if options.must_ask else 0)
    sys.stdout.write("\n".join(known or ["Nothing is known against the packages of requirements/base.txt."]) + "\n")
    sys.exit(1 if known else 0)


if __name__ == "__main__":
    main()
