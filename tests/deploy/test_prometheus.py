"""What deploy/ has for Prometheus and Grafana: promtool takes it, each alarm fires, and no metric is made up."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests import ROOT
from tests.deploy.alarms import WELL, WRONG, Series
from tests.deploy.shown_metrics import shown_names
from tests.support.systems.debian import program

PROMETHEUS, GRAFANA = Path(ROOT, "deploy", "prometheus"), Path(ROOT, "deploy", "grafana")
RULES = PROMETHEUS / "smmeplus.rules.yml"
DASHBOARDS = sorted(GRAFANA.glob("*.json"))
FIRING = 'count by (alertname) (ALERTS{alertstate="firing"})'
#: Words in expressions that are no metrics begin otherwise.
METRIC = re.compile(r"\b(?:smmeplus_[a-z_]+|process_[a-z_]+|up)\b(?!\()")
BY_PATTERN = re.compile(r'__name__=~"([^"]+)"')


def promtool(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [program("promtool", package="prometheus"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def case(name: str, numbers: dict[Series, str], *tries: tuple[str, list[str]]) -> dict[str, Any]:
    """At each time of ``tries`` the alarms fire that are named there, and no others."""
    return {
        "name": name,
        "interval": "1m",
        "input_series": [{"series": str(series), "values": values} for series, values in numbers.items()],
        "promql_expr_test": [
            {
                "expr": FIRING,
                "eval_time": at,
                "exp_samples": [{"labels": f'{{alertname="{alarm}"}}', "value": 1} for alarm in alarms],
            }
            for at, alarms in tries
        ],
    }


def tried(path: Path, *cases: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    told = {"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": cases}
    file = path / "cases.yml"
    file.write_text(json.dumps(told))  # which is YAML as well
    return promtool("test", "rules", file)


def expressions(rules: str) -> list[str]:
    return [found.replace("''", "'") for found in re.findall(r"^\s+expr: '(.*)'$", rules, re.MULTILINE)]


def metrics_in(expression: str) -> set[str]:
    return set(METRIC.findall(BY_PATTERN.sub("", expression)))


def test_promtool_takes_rules_and_configuration() -> None:
    for what, file in (("rules", RULES), ("config", PROMETHEUS / "prometheus.yml")):
        done = promtool("check", what, str(file))
        assert done.returncode == 0, done.stdout + done.stderr


def test_no_alarm_fires_while_all_is_well_and_each_one_fires_when_it_should(tmp_path: Path) -> None:
    well = case("all is well", WELL, *((at, []) for at in ("1m", "15m", "65m", "8h")))
    wrong = [
        case(name, {**WELL, one.series: one.values}, (one.quiet, []), (one.fires, [name]))
        for name, one in WRONG.items()
    ]
    done = tried(tmp_path, well, *wrong)
    assert done.returncode == 0, (done.stdout + done.stderr)[-3_000:]


def test_such_a_trial_can_fail(tmp_path: Path) -> None:
    assert tried(tmp_path, case("none fires", WELL, ("15m", ["SmmeplusOurSide"]))).returncode != 0


def test_each_alarm_is_tried_and_says_what_it_is_and_what_to_do() -> None:
    text = RULES.read_text()
    names = re.findall(r"- alert: (\w+)", text)
    assert len(names) == len(set(names))
    assert set(names) == WRONG.keys()
    for wanted in ("expr: ", "severity: (?:warning|critical)$", "summary: ", "description: "):
        assert len(re.findall(wanted, text, re.MULTILINE)) == len(names), wanted


def test_there_is_a_job_for_each_port_that_a_unit_shows_metrics_on() -> None:
    units = "\n".join(path.read_text() for path in Path(ROOT, "deploy", "systemd").glob("*.service"))
    asked = (PROMETHEUS / "prometheus.yml").read_text()
    ports = set(re.findall(r"--metrics-port (\d+)", units))
    assert len(ports) > 3
    assert [port for port in ports if f'"127.0.0.1:{port}"' not in asked] == []


@pytest.fixture(scope="module")
def shown() -> set[str]:
    return shown_names()


def test_each_metric_of_an_alarm_is_shown_by_the_product(shown: set[str]) -> None:
    found = expressions(RULES.read_text())
    assert len(found) == len(WRONG)
    named = {name for expression in found for name in metrics_in(expression)}
    assert len(named) > 25
    assert named - shown == set()
    for pattern in (found for one in found for found in BY_PATTERN.findall(one)):
        assert any(re.fullmatch(pattern, name) for name in shown), pattern


def test_the_trials_use_no_metric_that_is_not_there(shown: set[str]) -> None:
    used = {series.metric for series in (*WELL, *(one.series for one in WRONG.values()))}
    assert used - shown == set()


def panels_of(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def asked_by(dashboard: dict[str, Any]) -> list[str]:
    return [target["expr"] for panel in panels_of(dashboard) for target in panel["targets"]]


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_a_dashboard_asks_for_what_the_product_shows(path: Path, shown: set[str]) -> None:
    asked = asked_by(json.loads(path.read_text()))
    named = {name for expression in asked for name in metrics_in(expression)}
    assert len(named) > 5
    assert named - shown == set()


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_promtool_reads_every_question_of_a_dashboard(path: Path, tmp_path: Path) -> None:
    asked = asked_by(json.loads(path.read_text()))
    rules = [{"record": f"panel:{n}", "expr": one.replace("$company", ".*")} for n, one in enumerate(asked)]
    file = tmp_path / "panels.yml"
    file.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    done = promtool("check", "rules", file)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_the_panels_of_a_dashboard_have_titles_and_lie_beside_each_other(path: Path) -> None:
    panels = json.loads(path.read_text())["panels"]
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in panels)
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _y in cells) < 24
    assert all(panel["title"] for panel in panels)


def test_there_are_three_dashboards_under_addresses_of_their_own() -> None:
    found = [json.loads(path.read_text()) for path in DASHBOARDS]
    assert [one["uid"] for one in found] == ["smmeplus-fleet", "smmeplus-health", "smmeplus-listener"]
