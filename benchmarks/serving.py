"""The peers of `serve.py`: their environments, their commands, and how they are asked."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil
from load import Request

HERE = Path(__file__).parent
ROOT = HERE.parent
ENVIRONMENTS = ROOT / ".data" / "bench"
FEATURES = 10
TRAINED_ROWS = 2_000
PROCESSES = 2
MODEL = "forest"
START_SECONDS = 180.0
JSON = {"Content-Type": "application/json"}
Asked = Callable[[str, int], Request | None]
"""The request for `predict` or `detect` of so many rows; None where a server does not do that."""


def rows_of(count: int, seed: int = 1) -> list[list[float]]:
    """Rows to score."""
    found: list[list[float]] = np.random.default_rng(seed).normal(size=(count, FEATURES)).tolist()
    return found


@dataclass(frozen=True)
class Running:
    """A server under load: its name, the process above all of its own, and how it is asked."""

    name: str
    process: psutil.Process
    request: Asked

    def processor(self) -> float:
        """Seconds of the processors that it has had so far."""
        used = 0.0
        for process in [self.process, *self.process.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                times = process.cpu_times()
                used += times.user + times.system
        return used


@contextlib.contextmanager
def started(argv: list[str], env: dict[str, str], port: int, log: Path) -> Iterator[psutil.Process]:
    """A server process that listens on the port; ended with all of its own."""
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603
            argv, env=env, stdout=output, stderr=subprocess.STDOUT, cwd=log.parent, start_new_session=True
        )
    watched = psutil.Process(process.pid)
    try:
        give_up = time.monotonic() + START_SECONDS
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if process.poll() is not None or time.monotonic() > give_up:
                raise RuntimeError(f"it did not start: {_last_line(log)}")
            time.sleep(0.1)
        yield watched
    finally:
        family = [watched, *watched.children(recursive=True)] if watched.is_running() else []
        for one in reversed(family):
            with contextlib.suppress(psutil.Error):
                one.kill()
        process.wait()


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def environment(peer: str) -> Path:
    """The peer's own environment, made where it is not there yet, and again when its lock changes.

    Raises:
        RuntimeError: it cannot be made; the message says why.
    """
    lock, folder = ROOT / "requirements" / f"peers-{peer}.txt", ENVIRONMENTS / peer
    stamp = folder / ".installed"
    if stamp.is_file() and stamp.read_bytes() == lock.read_bytes():
        return folder / "bin"
    print(f"Making {folder.relative_to(ROOT)} from {lock.relative_to(ROOT)} ...", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    python = str(folder / "bin" / "python")
    for argv in (
        [sys.executable, "-m", "venv", str(folder)],
        [python, "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r", str(lock)],
    ):
        done = subprocess.run(argv, check=False, capture_output=True, text=True)  # noqa: S603
        if done.returncode:
            said = (done.stderr or done.stdout).strip().splitlines() or ["it said nothing"]
            raise RuntimeError(f"its environment cannot be made: {said[-1]}")
    stamp.write_bytes(lock.read_bytes())
    return folder / "bin"


def trained(binaries: Path, library: str, folder: Path) -> Path:
    """The same forest as ours, trained in the peer's environment."""
    np.save(folder / "rows.npy", np.array(rows_of(TRAINED_ROWS, seed=0)))
    path = folder / f"{library}.joblib"
    argv = [
        str(binaries / "python"),
        str(HERE / "peers" / "forest.py"),
        str(folder / "rows.npy"),
        str(path),
        library,
    ]
    subprocess.run(argv, check=True)  # noqa: S603
    return path


def fastapi(folder: Path) -> tuple[list[str], dict[str, str], int, Asked]:
    """FastAPI + PyOD behind uvicorn: its command, its environment, its port, its requests."""
    binaries, port = environment("fastapi"), free_port()
    forest = trained(binaries, "pyod", folder)
    argv = [
        str(binaries / "uvicorn"),
        "fastapi_pyod:app",
        "--app-dir",
        str(HERE / "peers"),
        "--port",
        str(port),
    ]
    argv += ["--workers", str(PROCESSES), "--no-access-log"]

    def request(what: str, count: int) -> Request:
        body = json.dumps({"data": rows_of(count)}).encode()
        return Request(f"http://127.0.0.1:{port}/{what}", body, JSON)

    return argv, {"FOREST": str(forest)}, port, request


def bentoml(folder: Path) -> tuple[list[str], dict[str, str], int, Asked]:
    """BentoML with adaptive batching, which fits nothing."""
    binaries, port = environment("bentoml"), free_port()
    forest = trained(binaries, "sklearn", folder)
    argv = [str(binaries / "bentoml"), "serve", "bento_forest:Forest", "--working-dir", str(HERE / "peers")]
    argv += ["--port", str(port)]
    env = {"FOREST": str(forest), "BENTOML_DO_NOT_TRACK": "True", "BENTOML_HOME": str(folder / "bentoml")}

    def request(what: str, count: int) -> Request | None:
        body = json.dumps({"data": rows_of(count)}).encode()
        return Request(f"http://127.0.0.1:{port}/predict", body, JSON) if what == "predict" else None

    return argv, env, port, request


def mlserver(folder: Path) -> tuple[list[str], dict[str, str], int, Asked]:
    """MLServer with its runtime for scikit-learn and adaptive batching, which fits nothing."""
    binaries, port = environment("mlserver"), free_port()
    served = folder / "mlserver"
    served.mkdir()
    shutil.move(trained(binaries, "sklearn", folder), served / "forest.joblib")
    settings = {
        "http_port": port,
        "grpc_port": free_port(),
        "metrics_port": free_port(),
        "parallel_workers": PROCESSES,
        "debug": False,
    }
    model = {
        "name": MODEL,
        "implementation": "mlserver_sklearn.SKLearnModel",
        "max_batch_size": 100,
        "max_batch_time": 0.005,
        "parameters": {"uri": "./forest.joblib"},
    }
    (served / "settings.json").write_text(json.dumps(settings))
    (served / "model-settings.json").write_text(json.dumps(model))

    def request(what: str, count: int) -> Request | None:
        data = [value for row in rows_of(count) for value in row]
        rows = {"name": "rows", "shape": [count, FEATURES], "datatype": "FP64", "data": data}
        url = f"http://127.0.0.1:{port}/v2/models/{MODEL}/infer"
        return Request(url, json.dumps({"inputs": [rows]}).encode(), JSON) if what == "predict" else None

    return [str(binaries / "mlserver"), "start", str(served)], {}, port, request


PEERS = {"fastapi": fastapi, "bentoml": bentoml, "mlserver": mlserver}


@contextlib.contextmanager
def peer(name: str, folder: Path) -> Iterator[Running]:
    """A running peer that has answered; raises `RuntimeError` where it cannot be had."""
    folder.mkdir()
    argv, env, port, request = PEERS[name](folder)
    inherited = {key: value for key, value in os.environ.items() if key not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    path = f"{Path(argv[0]).parent}{os.pathsep}{inherited.get('PATH', '')}"
    with started(argv, {**inherited, "PATH": path, **env}, port, folder / "log") as process:
        found = Running(name, process, request)
        answered(found, folder / "log")
        yield found


def answered(server: Running, log: Path) -> None:
    """Wait until the server answers what it will be asked; raises `RuntimeError` where it does not."""
    asked = server.request("predict", 1)
    assert asked is not None
    give_up, said = time.monotonic() + START_SECONDS, ""
    while time.monotonic() < give_up:
        try:
            sent = urllib.request.Request(asked.url, asked.body, asked.headers)  # noqa: S310 - this machine's
            with urllib.request.urlopen(sent, timeout=30):  # noqa: S310
                return
        except OSError as error:
            said = str(error)
            time.sleep(0.5)
    raise RuntimeError(f"it does not answer: {said}; {_last_line(log)}")
