"""What is said in more than one place of deploy/ and docker-compose.yml agrees."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
import yaml
from tests.composed.composition import ROOT, SECRETS, Composition, image_environment
from tests.integration.postgres_front import make_certificate

from pynomaly_server.binding.operations import DEFAULT_BODY_LIMIT
from pynomaly_server.secret_files import VARIABLES
from pynomaly_server.settings import Settings, environment_variable

DEPLOY = ROOT / "deploy"
NGINX = DEPLOY / "nginx"
UNITS = {"k": 2**10, "m": 2**20, "g": 2**30}
COMPOSED = Composition.read()
LOCATION = re.compile(r"location (?P<path>[^{]+?) \{(?P<inside>[^}]*)\}", re.DOTALL)


def size(text):
    return int(text[:-1]) * UNITS[text[-1]]


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("= /api/v1/detect", Settings.model_fields["detect_max_bytes"].default),
        ("~ ^/api/v1/models(/[^/]+/predict)?$", Settings.model_fields["detect_max_bytes"].default),
        ("= /api/v1/datasets", Settings.model_fields["dataset_max_bytes"].default),
    ],
)
def test_nginx_takes_bodies_as_large_as_the_api_takes_them(path, most):
    locations = {
        found["path"]: found["inside"] for found in LOCATION.finditer((NGINX / "routes.conf").read_text())
    }
    [limit] = re.findall(r"client_max_body_size (\w+);", locations[path])
    assert size(limit) == most


def test_nginx_takes_other_bodies_as_large_as_the_api_takes_them():
    outside = LOCATION.sub("", (NGINX / "routes.conf").read_text())
    [limit] = re.findall(r"client_max_body_size (\w+);", outside)
    assert size(limit) == DEFAULT_BODY_LIMIT.max_bytes


def test_nginx_gives_up_idle_connections_before_the_api_does():
    for name in ("upstream.conf", "upstream.kubernetes.conf"):
        [seconds] = re.findall(r"keepalive_timeout (\d+)s;", (NGINX / name).read_text())
        assert int(seconds) < Settings.model_fields["slow_client_seconds"].default


def test_nginx_waits_longer_for_an_answer_than_the_api_may_take():
    [seconds] = re.findall(r"^proxy_read_timeout (\d+)s;", (NGINX / "routes.conf").read_text(), re.MULTILINE)
    fields = Settings.model_fields
    assert int(seconds) > fields["wait_max_seconds"].default
    assert int(seconds) > fields["detect_max_seconds"].default + 15


def test_the_files_of_nginx_are_read_by_nginx(nginx, tmp_path):
    key, certificate = make_certificate(tmp_path, "localhost")
    certificate.rename(tmp_path / "tls_cert")
    key.rename(tmp_path / "tls_key")
    for main in ("nginx.conf", "nginx.tls.conf"):
        for upstream in ("upstream.conf", "upstream.kubernetes.conf"):
            folder = tmp_path / f"{main}-{upstream}"
            folder.mkdir()
            for file in NGINX.glob("*.conf"):
                text = (
                    file.read_text().replace("/tmp/nginx", f"{folder}/nginx").replace(SECRETS, str(tmp_path))
                )
                text = re.sub(r"(api-pods|kube-dns)[\w.-]+", "127.0.0.1", text)
                (folder / file.name).write_text(text)
            (folder / upstream).replace(folder / "upstream.conf")
            told = subprocess.run(
                [*nginx, "-t", "-p", folder, "-c", main], capture_output=True, text=True, check=False
            )
            assert told.returncode == 0, told.stderr


def test_each_secret_that_a_service_names_is_one_that_the_script_makes(tmp_path):
    subprocess.run(["sh", DEPLOY / "secrets.sh", tmp_path / "secrets"], check=True, capture_output=True)
    made = {file.name for file in (tmp_path / "secrets").iterdir()}
    declared = {name: secret["file"] for name, secret in COMPOSED.whole["secrets"].items()}
    used = {name for service in COMPOSED.services.values() for name in service.get("secrets", [])}
    assert used == set(declared) <= made
    assert {file.rsplit("/", 1)[0] for file in declared.values()} == {"deploy/secrets"}


def test_a_service_names_no_secret_file_that_it_is_not_given():
    for name, service in COMPOSED.services.items():
        said = str(service.get("command")) + str(service.get("environment"))
        assert set(re.findall(rf"{SECRETS}/(\w+)", said)) <= set(service.get("secrets", [])), name


def test_secrets_are_kept_when_the_script_runs_again(tmp_path):
    run = ["sh", DEPLOY / "secrets.sh", tmp_path]
    subprocess.run(run, check=True, capture_output=True)
    before = {file.name: file.read_text() for file in tmp_path.iterdir()}
    subprocess.run(run, check=True, capture_output=True)
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == before


def test_no_secret_is_written_where_it_would_be_committed():
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert "/deploy/secrets/" in ignored
    for name, service in COMPOSED.services.items():
        for variable in COMPOSED.environment(name) if "environment" in service else {}:
            plain = variable in VARIABLES or variable.endswith(("PASSWORD", "SECRET", "TOKEN"))
            assert not plain, f"{name}: {variable} has to name a file"


def test_every_variable_of_ours_is_a_setting():
    settings = {environment_variable(field) for field in Settings.model_fields}
    known = settings | {f"{name}_FILE" for name in VARIABLES}
    for name in COMPOSED.ours():
        for variable in {*COMPOSED.environment(name), *image_environment()}:
            if variable.startswith(("PYNOMALY_", "DATABASE_", "REDIS_")):
                assert variable in known, f"{name}: {variable}"


def test_every_service_is_bounded_and_none_of_ours_may_write_to_its_image():
    for name, service in COMPOSED.services.items():
        if service.get("restart") != "no":
            assert "memory" in service["deploy"]["resources"]["limits"], name
        assert service["read_only"], name
    for name in COMPOSED.ours():
        assert COMPOSED.services[name]["cap_drop"] == ["ALL"]


def test_what_is_mounted_from_the_repository_is_there():
    for service in COMPOSED.services.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("./") and source != "./deploy/grafana/dashboards":
                assert any((ROOT / source).iterdir()), source


def test_images_have_a_version():
    for name, service in COMPOSED.services.items():
        assert re.search(r":[\w.-]+$", service["image"]), name
        assert not service["image"].endswith(":latest"), name


def test_prometheus_asks_the_load_balancer_alone_for_our_figures():
    said = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    [ours] = [job for job in said["scrape_configs"] if job["job_name"] == "pynomaly"]
    assert ours["static_configs"] == [{"targets": ["nginx:8080"]}]
    assert ours["authorization"]["credentials_file"] == f"{SECRETS}/metrics_key"


@pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed (Debian has it in `prometheus`)"
)
def test_promtool_finds_no_fault_in_what_prometheus_is_told(tmp_path):
    shutil.copytree(DEPLOY / "prometheus", tmp_path, dirs_exist_ok=True)
    (tmp_path / "metrics_key").write_text("a key")
    told = (tmp_path / "prometheus.yml").read_text().replace(SECRETS, str(tmp_path))
    (tmp_path / "prometheus.yml").write_text(told)
    checked = subprocess.run(
        ["promtool", "check", "config", tmp_path / "prometheus.yml"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_the_image_has_everything_that_it_copies():
    sources = re.findall(r"^COPY (?!--from)(.+) \S+$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    passed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert sources
    for source in sources:
        assert (ROOT / source).exists(), source
        assert any(kept == source or kept.startswith(f"{source}/") for kept in passed), source


def test_each_alert_leads_to_a_runbook_and_each_runbook_is_for_an_alert():
    rules = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())
    linked = {
        rule["annotations"]["runbook_url"].removeprefix("docs/production.md#")
        for group in rules["groups"]
        for rule in group["rules"]
    }
    page = (ROOT / "docs" / "production.md").read_text()
    headings = re.findall(r"^#+ (Runbook: .+)$", page, re.MULTILINE)
    anchors = {heading.lower().replace(":", "").replace(" ", "-") for heading in headings}
    assert linked <= anchors
    assert anchors - linked <= {"runbook-pynomaly-model-drift"}  # waits for a figure of drift


def test_links_within_the_page_lead_to_its_headings():
    page = (ROOT / "docs" / "production.md").read_text()
    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
    assert set(re.findall(r"\]\(#([^)]+)\)", page)) <= anchors


def test_the_image_holds_what_every_server_holds_and_what_its_settings_ask_for():
    pins = {}
    for name in ("runtime", "image"):
        lock = (ROOT / "requirements" / f"{name}.txt").read_text()
        pins[name] = set(re.findall(r"^([\w.-]+==\S+)", lock, re.MULTILINE))
    assert pins["runtime"] <= pins["image"]
    asked = "OTEL_EXPORTER_OTLP_ENDPOINT" in COMPOSED.environment("api-1")
    assert asked == any(pin.startswith("opentelemetry-sdk==") for pin in pins["image"])
