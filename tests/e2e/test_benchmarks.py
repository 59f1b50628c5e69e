"""The benchmarks of batch jobs, of serving and of the client do what they say, on next to nothing; how fast
is no matter here."""

import importlib.util
import re
import sys
from pathlib import Path

import httpx
import numpy as np
import polars as pl
import pytest

ROOT = Path(__file__).parents[2]


def load(name, monkeypatch):
    """The program of that name as a module."""
    spec = importlib.util.spec_from_file_location(f"benchmark_of_{name}", ROOT / "benchmarks" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def benchmark():
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield load("jobs", monkeypatch)


@pytest.fixture
def on(benchmark, stack, client):
    return benchmark.Stack(stack.server, client, f"sqlite:///{stack.data_dir / 'pynomaly.db'}")


def test_tiny_jobs_are_counted_and_their_cost_is_told_by_part(benchmark, on, capsys):
    before = on.ended()
    usage = benchmark.tiny_jobs(on, 3)
    assert on.ended() == before + 3
    benchmark.report_tiny(1, 3, usage)
    said = capsys.readouterr().out
    assert "tiny jobs/s" in said
    assert all(part in said for part in ("client", "api", "worker", "sweeper", "valkey"))


def test_a_large_job_is_measured_against_scikit_learn(benchmark, on, tmp_path, capsys):
    rows = np.random.default_rng(0).normal(size=(500, 3))
    np.save(tmp_path / "rows.npy", rows)
    pl.DataFrame(rows, schema=["a", "b", "c"]).write_parquet(tmp_path / "table.parquet")
    usage, peak = benchmark.large_job(on, tmp_path / "table.parquet", tmp_path)
    benchmark.report_large(1, usage, peak, benchmark.peer(tmp_path / "rows.npy"))
    said = capsys.readouterr().out
    assert "as fast as scikit-learn" in said
    assert "peak memory of a process" in said
    assert peak.parts["worker"] > 2**20


def test_the_way_to_a_first_result_is_measured(benchmark, on):
    assert len(benchmark.first_results(on, 1)) == 1


def test_calls_of_the_client_are_measured_against_bare_httpx(monkeypatch, capsys):
    program = load("client", monkeypatch)
    program.main(["--pairs", "1", "--calls", "1"])
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 1 + 2 * len(program.cases())
    assert all(re.search(r"httpx +\d+ us   client +\d+ us   \d+\.\d\dx$", line) for line in said[1:])


@pytest.fixture
def serving(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    return load("serve", monkeypatch)


@pytest.fixture
def served(serving, stack, client):
    """The server of the tests as the benchmark of serving sees it, with a forest."""
    asked = {"name": "loads", "scopes": ["detect:run", "models:use"]}
    headers = {"X-API-Key": stack.api_key}
    made = httpx.post(f"{stack.base_url}/api/v1/api-keys", json=asked, headers=headers, timeout=120)
    # A key of its own, so that what it is limited to is not what other tests have.
    on = serving.Ours(stack.server, client, made.json()["key"])
    on.train(serving.MODEL, serving.rows_of(100, seed=0))
    return on


def test_serving_is_measured_with_the_processors_time_and_ratios(serving, served, monkeypatch, capsys):
    monkeypatch.setattr(serving.load.__globals__["shutil"], "which", lambda _name: None)  # as without wrk
    server = serving.Running("ours", served.api, served.request)
    serving.compare([server, server], "predict", 1, 0.2, "P1")
    nothing = serving.Running("other", served.api, lambda _what, _count: None)
    serving.compare([server, nothing], "detect", 20, 0.2, "P2")
    said = capsys.readouterr().out
    assert re.search(r"P1: predict 1 x 10, 8 connections\n +ours +[\d.,]+/s +p50 .* processors", said)
    assert re.search(r"ours: [\d.]+x requests, [\d.]+x shorter p99, [\d.]+x less work", said)
    assert "other      does not do that" in said


def test_the_echo_reads_counts_and_sends_back_what_it_was_sent(serving, served, tmp_path):
    with serving.echo(served, tmp_path) as echoing:
        asked = echoing.request("predict", 3)
        answer = httpx.post(asked.url, content=asked.body, headers=asked.headers, timeout=120)
    assert answer.json() == {"data": serving.rows_of(3)}
    assert "ratelimit" in answer.headers


def test_the_client_and_the_memory_of_the_api_are_measured(serving, served, capsys):
    serving.in_process(served, 1)
    held = serving.memory(served, models=1, requests=10)
    said = capsys.readouterr().out
    assert re.search(r"P3: client.detect_anomalies\(1,000 x 10\) [\d.]+ ms, .* [\d.]+x", said)
    assert "P7: API process 1 holds" in said
    assert [len(sizes) for sizes in held] == [1] * 6
    assert min(held[0]) > 20


def test_a_peer_that_cannot_be_installed_says_why(serving, monkeypatch, tmp_path):
    program = sys.modules["serving"]
    monkeypatch.setattr(program, "ROOT", tmp_path)
    monkeypatch.setattr(program, "ENVIRONMENTS", tmp_path / "bench")
    (tmp_path / "requirements").mkdir()
    lock = tmp_path / "requirements" / "peers-fastapi.txt"
    lock.write_text("pynomaly-there-is-none==1.0 --hash=sha256:" + "0" * 64)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(RuntimeError, match="its environment cannot be made: ERROR: No matching distribution"):
        program.environment("fastapi")
