"""A pytest plugin: under ``CI=true`` a test that was skipped or expected to fail makes the run fail.

Otherwise a browser or a database that is missing there would go unnoticed for years.
"""

import os

import pytest

NOT_RUN = ("skipped", "xfailed", "xpassed")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if _not_run(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if not_run := _not_run(config):
        terminalreporter.section("CI=true: every test must run", red=True, bold=True)
        terminalreporter.line(f"{not_run} skipped or expected to fail, so the run fails.")


def _not_run(config: pytest.Config) -> int:
    """The number of tests and modules that were skipped or expected to fail, under CI=true; 0 elsewhere."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") != "true" or reporter is None:
        return 0
    return sum(len(reporter.stats.get(outcome, [])) for outcome in NOT_RUN)
