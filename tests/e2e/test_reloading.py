"""A server at work takes over what may change without a restart, and nothing of settings that are wrong."""

import functools
import os
import signal

import httpx
import psutil
import pytest

from pynomaly import APIStatusError


@pytest.fixture(scope="module")
def settings_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("settings") / "pynomaly.env"
    path.write_text("# limits\nPYNOMALY_RATE_LIMIT=1000/60\n")
    return path


@pytest.fixture(scope="module")
def server(started, settings_file):
    return started(PYNOMALY_SETTINGS_FILE=str(settings_file))


def policy(server):
    answer = httpx.get(
        f"{server.base_url}/api/v1/algorithms", headers={"Authorization": f"Bearer {server.api_key}"}
    )
    assert answer.status_code == 200
    return answer.headers["RateLimit-Policy"]


def said(server, part):
    return (server.data_dir / "logs" / f"{part}.log").read_text()


def test_limits_and_the_logs_level_change_in_every_process_that_goes_on(server, settings_file, eventually):
    assert "q=1000;" in policy(server)
    parts = {process.pid: process.create_time() for process in server.processes()}
    settings_file.write_text(
        "PYNOMALY_RATE_LIMIT=77/60\nPYNOMALY_LOG_LEVEL=debug\nPYNOMALY_LEASE_SECONDS=14\n"
    )
    os.kill(server.server.pid, signal.SIGHUP)
    eventually(lambda: "q=77;" in policy(server))
    with server.client() as client:
        job = client.batch_detect(data_sources=[[[float(n % 7)] for n in range(50)]], algorithm="mad")
        assert job.wait(timeout=60).state == "succeeded"
    for part in ("api", "worker", "sweeper"):
        eventually(lambda part=part: '"PYNOMALY_RATE_LIMIT"' in said(server, part))
        assert "settings changed that only a restart takes over" in said(server, part)
    eventually(lambda: '"level": "debug"' in said(server, "worker"))
    assert {process.pid: process.create_time() for process in server.processes()} == parts


def test_what_is_switched_off_is_refused_until_it_is_switched_on_again(server, settings_file, eventually):
    rows = [[float(n % 7)] for n in range(50)]

    def refused(call):
        try:
            call()
        except APIStatusError as error:
            return error.code
        return None

    with server.client(max_retries=0) as client:
        settings_file.write_text("PYNOMALY_FEATURES_OFF=batch-jobs\nPYNOMALY_QUOTA_STORED_BYTES=10\n")
        os.kill(server.server.pid, signal.SIGHUP)
        submit = functools.partial(client.batch_detect, data_sources=["dts_" + "0" * 32])
        eventually(lambda: refused(submit) == "switched-off")
        assert refused(lambda: client.upload_dataset(rows, "no room")) == "quota-exceeded"
        assert client.detect_anomalies(rows, algorithm="mad").n_rows == len(rows)
        settings_file.write_text("")
        os.kill(server.server.pid, signal.SIGHUP)
        eventually(lambda: refused(submit) == "not-found")
        assert refused(lambda: client.upload_dataset(rows, "room")) is None


def test_nothing_changes_where_a_setting_is_wrong_and_the_log_says_which(server, settings_file, eventually):
    before = policy(server)
    settings_file.write_text("PYNOMALY_RATE_LIMIT=5/60\nPYNOMALY_WORKER=3\nPYNOMALY_LOG_LEVEL=loud\n")
    os.kill(server.server.pid, signal.SIGHUP)
    for part in ("api", "worker", "sweeper"):
        eventually(lambda part=part: "settings not reloaded; those before hold" in said(server, part))
        assert "Line 2 of" in said(server, part)
        assert "PYNOMALY_LOG_LEVEL is 'loud'" in said(server, part)
    assert policy(server) == before
    assert psutil.pid_exists(server.server.pid)
