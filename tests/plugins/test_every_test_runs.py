"""The plugin that keeps CI from passing over tests, tried on runs of pytest of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.ci_only

SKIPPED = "import pytest\n@pytest.mark.skip\ndef test_it(): pass\n"
SKIPPED_MODULE = "import pytest\npytest.skip('all', allow_module_level=True)\n"
EXPECTED_TO_FAIL = "import pytest\n@pytest.mark.xfail\ndef test_it(): assert 1 == 2\n"
UNEXPECTEDLY_PASSED = "import pytest\n@pytest.mark.xfail\ndef test_it(): pass\n"
ONE_THAT_RUNS = "\ndef test_other(): pass\n"


def run_pytest(folder: Path, source: str, ci: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_one.py").write_text(source)
    (folder / "test_other.py").write_text(ONE_THAT_RUNS)
    plugin = ["-p", "tests.plugins.every_test_runs"]
    command = [sys.executable, "-m", "pytest", *plugin, "-c", os.devnull, "--rootdir", str(folder), str(folder)]
    environment = os.environ | {"CI": ci, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("source", [SKIPPED, SKIPPED_MODULE, EXPECTED_TO_FAIL, UNEXPECTEDLY_PASSED])
def test_in_ci_a_test_that_did_not_run_fails_the_run_and_is_counted(tmp_path: Path, source: str) -> None:
    done = run_pytest(tmp_path, source, ci="true")
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "1 skipped or expected to fail, so the run fails." in done.stdout


def test_in_ci_a_run_of_all_tests_passes(tmp_path: Path) -> None:
    assert run_pytest(tmp_path, ONE_THAT_RUNS, ci="true").returncode == pytest.ExitCode.OK


def test_at_a_developers_desk_a_test_may_be_skipped(tmp_path: Path) -> None:
    assert run_pytest(tmp_path, SKIPPED, ci="").returncode == pytest.ExitCode.OK
