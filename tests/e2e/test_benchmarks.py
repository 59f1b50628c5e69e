"""The benchmarks of batch jobs and of the client do what they say, on next to nothing; how fast is no matter
here."""

import importlib.util
import re
import sys
from pathlib import Path

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
