"""`pynomaly doctor` finds what is wrong with real parts, says what to do, and quotes no secret."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest
import sqlalchemy as sa

from pynomaly_server.cli import main
from pynomaly_server.db.session import make_engine
from pynomaly_server.runtime.doctor import Finding, _clock, examine, is_well
from pynomaly_server.settings import Settings
from pynomaly_server.worker.broker import connect


def found(settings: Settings, **changed: object) -> dict[str, Finding]:
    given = settings.model_copy(update=changed)
    return {finding.check: finding for finding in examine(lambda: given)}


@pytest.fixture
def whole(settings: Settings) -> Settings:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return settings.model_copy(update={"port": port})


def test_where_all_is_well_nothing_is_to_be_done(whole):
    findings = found(whole)
    assert is_well(list(findings.values()))
    for check in ("settings", "packages", "secret key", "database", "schema", "broker", "storage", "server"):
        assert (findings[check].status, findings[check].remedy) == ("ok", None), findings[check]
    assert findings["workers"].status == "warning"
    assert findings["workers"].remedy == "Start `pynomaly worker`; submitted jobs wait until then."


def test_what_is_switched_off_is_a_warning(alone):
    assert found(alone)["features"] == Finding("features", "ok", "all are on")
    assert found(alone, features_off="uploads,trainings")["features"] == Finding(
        "features",
        "warning",
        "PYNOMALY_FEATURES_OFF switches off trainings, uploads",
        "Take them out of it when they are to be had again, and send the processes SIGHUP.",
    )


def test_the_storage_is_left_as_it_was(whole):
    found(whole)
    folder = Path(whole.data_dir, "objects")
    assert not [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("revision", "remedy"),
    [
        ("0005", "Run `pynomaly migrate` (`pynomaly serve` does it by itself)."),
        ("9999", "Install that release here too."),
    ],
)
def test_a_schema_of_another_release_is_a_fault(whole, revision, remedy):
    engine = make_engine(whole)
    with engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision}
        )
    engine.dispose()
    schema = found(whole)["schema"]
    assert (schema.status, schema.remedy) == ("fault", remedy)
    assert revision in schema.detail


@pytest.fixture
def alone(tmp_path: Path, valkey: str) -> Settings:
    """Settings of a server that was never started."""
    return Settings.load(data_dir=tmp_path, redis_url=valkey, secret_key="x" * 32, port=0)


def test_parts_that_do_not_answer_are_faults_and_no_password_is_shown(alone):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        findings = found(
            alone,
            database_url=f"postgresql://ada:canary-password@127.0.0.1:{port}/pynomaly",
            redis_url=f"redis://ada:canary-password@127.0.0.1:{port}/0",
            otlp_endpoint=f"http://127.0.0.1:{port}",
        )
    assert {check for check, finding in findings.items() if finding.status == "fault"} == {
        "database",
        "broker",
    }
    assert "check DATABASE_URL" in str(findings["database"].remedy)
    assert "check REDIS_URL" in str(findings["broker"].remedy)
    assert findings["tracing"].status == "warning"
    assert "canary" not in repr(findings)


def test_a_storage_that_cannot_be_written_is_a_fault(alone):
    storage = found(alone, storage_url="file:///dev/null/objects")["storage"]
    assert (storage.status, "PYNOMALY_STORAGE_URL" in str(storage.remedy)) == ("fault", True)


def test_a_broker_that_may_drop_keys_is_a_warning(alone, valkey):
    with connect(valkey) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        try:
            broker = found(alone)["broker"]
        finally:
            client.config_set("maxmemory-policy", "noeviction")
    assert (broker.status, "allkeys-lru" in broker.detail) == ("warning", True)


def test_a_port_that_is_taken_is_told(alone):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        server = found(alone, port=other.getsockname()[1])["server"]
    assert server.status == "warning"
    assert "is taken by another program" in server.detail


@pytest.mark.parametrize(("seconds", "status"), [(0.5, "ok"), (-1.9, "ok"), (2.5, "fault"), (-90, "fault")])
def test_clocks_that_are_apart_are_a_fault(seconds, status):
    assert _clock("broker", seconds).status == status


def test_settings_that_cannot_be_used_are_all_named(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("PYNOMALY_PORT", "no port")
    monkeypatch.setenv("PYNOMALY_WORKERS", "0")
    assert main(["doctor", "--data-dir", str(tmp_path), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    faults = [finding["detail"] for finding in said["findings"] if finding["status"] == "fault"]
    assert not said["well"]
    assert [fault.split()[0] for fault in faults] == ["PYNOMALY_PORT", "PYNOMALY_WORKERS"]


def test_people_read_what_to_do_beside_what_was_found(monkeypatch, tmp_path, capsys):
    for name in ("DATABASE_URL", "REDIS_URL", "PYNOMALY_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYNOMALY_STORAGE_URL", "file:///dev/null/objects")
    assert main(["doctor", "--data-dir", os.fspath(tmp_path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    [position] = [number for number, line in enumerate(lines) if line.startswith("FAULT")]
    assert lines[position].split()[1] == "storage"
    assert lines[position + 1].strip().startswith("-> Check PYNOMALY_STORAGE_URL")
    assert lines[-1].startswith("1 faults, ")
