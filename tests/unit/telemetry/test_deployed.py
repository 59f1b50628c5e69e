"""The dashboards and alert rules in `deploy/` are those of this version, and name figures that there are."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from pynomaly_server.cli import main
from pynomaly_server.telemetry import figures
from pynomaly_server.telemetry.alerts import ALERTS
from pynomaly_server.telemetry.dashboards import DASHBOARDS
from pynomaly_server.telemetry.meters import Counter, Histogram
from pynomaly_server.telemetry.service import GAUGES

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
METERS = {each.name: each for each in vars(figures).values() if isinstance(each, Counter | Histogram)}
LABELS_OF_GAUGES = {
    "pynomaly_broker_messages": {"queue"},
    "pynomaly_build_info": {"version"},
    "pynomaly_certificate_expires_timestamp_seconds": {"shown_by"},
    "pynomaly_data_quality_score": {"dataset"},
    "pynomaly_model_drift_score": {"tenant", "model", "version"},
    "pynomaly_oldest_job_age_seconds": {"queue", "state"},
    "pynomaly_part_up": {"part"},
    "pynomaly_queue_depth": {"queue", "state"},
    "pynomaly_tenant_dataset_bytes": {"tenant"},
    "pynomaly_tenant_unfinished_jobs": {"tenant"},
}
"""What `test_certificates.py`, `test_figures.py` and `test_model_drift.py` read in real answers."""
EXPRESSIONS = {
    **{alert.name: alert.expression for alert in ALERTS},
    **{
        f"{dashboard.name}: {panel.title}, {legend}": expression
        for dashboard in DASHBOARDS
        for panel in dashboard.panels
        for expression, legend in panel.queries
    },
}
promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (Debian has it in `prometheus`)"
)


def labels_of(name: str) -> set[str] | None:
    """Labels of a series by its name; None where there is no such series."""
    if name in GAUGES:
        return LABELS_OF_GAUGES.get(name, set())
    meter = METERS.get(name)
    if isinstance(meter, Counter):
        return set(meter.labels)
    of_histogram = METERS.get(re.sub(r"_(bucket|sum|count)$", "", name))
    if isinstance(of_histogram, Histogram) and name != of_histogram.name:
        return {*of_histogram.labels, *({"le"} if name.endswith("_bucket") else ())}
    return None


@pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_an_expression_names_figures_and_labels_that_there_are(expression):
    bare = re.sub(r'"[^"]*"', '""', expression)
    names = set(re.findall(r"\bpynomaly_\w+", bare))
    assert names or bare.startswith("absent(up{")
    known = {name: labels_of(name) for name in names}
    assert [name for name, labels in known.items() if labels is None] == []
    for name, matchers in re.findall(r"(pynomaly_\w+)\{([^}]*)\}", bare):
        assert set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers)) <= labels_of(name)
    grouped = {label.strip() for by in re.findall(r"by \(([^)]*)\)", bare) for label in by.split(",")}
    assert grouped <= set().union(*(labels or set() for labels in known.values()))


def test_legends_name_labels_that_their_queries_have():
    queries = [query for page in DASHBOARDS for panel in page.panels for query in panel.queries]
    for expression, legend in queries:
        wanted = set(re.findall(r"\{\{(\w+)\}\}", legend))
        kept = re.search(r"by \(([^)]*)\)", expression)
        assert wanted <= (set(re.findall(r"\w+", kept[1])) if kept else labels_of(expression) or set()), (
            legend
        )


def test_every_figure_is_on_the_page():
    page = (ROOT / "docs" / "observability.md").read_text()
    rows = dict(re.findall(r"^\| `(pynomaly_\w+)` \|([^|]*)\|", page, re.MULTILINE))
    of_meters = {name: set(meter.labels) for name, meter in METERS.items()}
    of_gauges = {name: LABELS_OF_GAUGES.get(name, set()) for name in GAUGES}
    assert {
        name: {label.strip() for label in labels.split(",") if label.strip()} for name, labels in rows.items()
    } == of_meters | of_gauges


def test_the_files_are_those_that_the_command_writes(tmp_path, capsys):
    assert main(["dashboard", "export", str(tmp_path)]) == 0
    written = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert sorted(capsys.readouterr().out.split()) == [str(tmp_path / path) for path in written]
    assert len(written) == len(DASHBOARDS) + 1
    for path in written:
        assert (DEPLOY / path).read_text() == (tmp_path / path).read_text(), (
            f"run: pynomaly dashboard export {DEPLOY}"
        )


def test_a_folder_that_cannot_be_written_is_told(tmp_path, capsys):
    (tmp_path / "grafana").write_text("in the way")
    assert main(["dashboard", "export", str(tmp_path)]) == 1
    assert "cannot be written: " in capsys.readouterr().err


def test_panels_have_an_address_and_a_place_of_their_own():
    pages = [json.loads(path.read_text()) for path in (DEPLOY / "grafana" / "dashboards").glob("*.json")]
    assert len({page["uid"] for page in pages}) == len(DASHBOARDS)
    for page in pages:
        places = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in page["panels"]}
        assert len(places) == len({panel["id"] for panel in page["panels"]}) == len(page["panels"])


def test_every_rule_links_its_runbook():
    [group] = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())["groups"]
    links = {rule["alert"]: rule["annotations"]["runbook_url"] for rule in group["rules"]}
    assert links["PynomalyErrorRateHigh"] == "docs/production.md#runbook-pynomaly-error-rate-high"
    assert list(links) == [alert.name for alert in ALERTS]


def test_every_runbook_is_there():
    page = (ROOT / "docs" / "production.md").read_text()
    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    assert [alert.name for alert in ALERTS if alert.runbook.partition("#")[2] not in anchors] == []


@promtool
def test_promtool_finds_no_fault_in_the_rules():
    checked = subprocess.run(
        ["promtool", "check", "rules", "--lint-fatal", str(DEPLOY / "prometheus" / "alerts.yml")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def _requests(status: str, per_minute: int) -> tuple[str, str]:
    labels = f'method="GET",endpoint="whoAmI",status="{status}"'
    return f"pynomaly_http_requests_total{{{labels}}}", f"0+{per_minute}x120"


UP = ('up{job="pynomaly"}', "1+0x120")
FIRING = {
    "PynomalyDown": [('up{job="pynomaly"}', "0+0x120")],
    "PynomalyPartDown": [UP, ('pynomaly_part_up{part="broker"}', "0+0x120")],
    "PynomalyErrorRateHigh": [UP, _requests("200", 95), _requests("500", 5)],
    "PynomalyLatencyHigh": [
        UP,
        ('pynomaly_request_duration_seconds_bucket{endpoint="detectAnomalies",le="2.5"}', "0+0x120"),
        ('pynomaly_request_duration_seconds_bucket{endpoint="detectAnomalies",le="5"}', "0+60x120"),
        ('pynomaly_request_duration_seconds_bucket{endpoint="detectAnomalies",le="+Inf"}', "0+60x120"),
    ],
    "PynomalyQueueAgeHigh": [
        UP,
        ('pynomaly_oldest_job_age_seconds{queue="small",state="queued"}', "0+60x120"),
    ],
    "PynomalyLeasesLost": [UP, ('pynomaly_lease_losses_total{work="job"}', "0+1x120")],
    "PynomalyJobsFailing": [
        UP,
        ('pynomaly_jobs_finished_total{kind="detection",state="failed"}', "0+2x120"),
        ('pynomaly_jobs_finished_total{kind="detection",state="succeeded"}', "0+8x120"),
    ],
    "PynomalyLoadShed": [UP, ('pynomaly_shed_total{lane="large detections"}', "0+60x120")],
    "PynomalyLimitsLocal": [UP, ('pynomaly_rate_limit_local_total{limit="principal"}', "0+6x120")],
    "PynomalyModelDrift": [
        UP,
        ('pynomaly_model_drift_score{tenant="ten_1",model="card-fraud",version="3"}', "0.4+0x120"),
    ],
    "PynomalyDataQualityLow": [UP, ('pynomaly_data_quality_score{dataset="request"}', "0.5+0x120")],
    "PynomalyWebhooksWaiting": [UP, ("pynomaly_webhook_deliveries_waiting", "2000+0x120")],
    "PynomalyCertificateExpiring": [
        UP,
        ('pynomaly_certificate_expires_timestamp_seconds{shown_by="proxy"}', "86400+0x120"),
    ],
    "PynomalyDiskFull": [
        UP,
        ("pynomaly_disk_free_bytes", "5+0x120"),
        ("pynomaly_disk_size_bytes", "100+0x120"),
    ],
}
"""What each rule is there for, in series of two hours."""
QUIET = [
    UP,
    ('pynomaly_part_up{part="broker"}', "1+0x120"),
    _requests("200", 1_000),
    _requests("500", 1),
    ('pynomaly_request_duration_seconds_bucket{endpoint="detectAnomalies",le="0.1"}', "0+60x120"),
    ('pynomaly_request_duration_seconds_bucket{endpoint="detectAnomalies",le="+Inf"}', "0+60x120"),
    ('pynomaly_oldest_job_age_seconds{queue="small",state="queued"}', "3+0x120"),
    ('pynomaly_jobs_finished_total{kind="detection",state="failed"}', "0+1x120"),
    ('pynomaly_jobs_finished_total{kind="detection",state="succeeded"}', "0+90x120"),
    ('pynomaly_data_quality_score{dataset="request"}', "0.99+0x120"),
    ("pynomaly_webhook_deliveries_waiting", "3+0x120"),
    ('pynomaly_certificate_expires_timestamp_seconds{shown_by="proxy"}', "7776000+0x120"),
    ("pynomaly_disk_free_bytes", "50+0x120"),
    ("pynomaly_disk_size_bytes", "100+0x120"),
]


def fired(series: list[tuple[str, str]], folder: Path) -> set[str]:
    """The alerts that promtool says fire after an hour and a half of `series`."""
    asked = [{"eval_time": "90m", "alertname": alert.name, "exp_alerts": []} for alert in ALERTS]
    given = [{"series": name, "values": values} for name, values in series]
    tests = {
        "rule_files": [str(DEPLOY / "prometheus" / "alerts.yml")],
        "tests": [{"interval": "1m", "input_series": given, "alert_rule_test": asked}],
    }
    (folder / "tests.yml").write_text(yaml.safe_dump(tests))
    run = subprocess.run(
        ["promtool", "test", "rules", str(folder / "tests.yml")], capture_output=True, text=True, check=False
    )
    return set(re.findall(r"alertname: (\w+)", run.stdout + run.stderr))


@promtool
def test_no_rule_fires_where_all_is_well(tmp_path):
    assert fired(QUIET, tmp_path) == set()


@promtool
@pytest.mark.parametrize("alert", [alert.name for alert in ALERTS])
def test_a_rule_fires_for_what_it_is_there_for_and_no_other_does(alert, tmp_path):
    assert fired(FIRING[alert], tmp_path) == {alert}
