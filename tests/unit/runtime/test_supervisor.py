"""Children are started again when they die, and end together with their supervisor however that ends."""

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from pynomaly_server.runtime import child as child_module
from pynomaly_server.runtime.child import ChildSpec, describe
from pynomaly_server.runtime.faults import StartError
from pynomaly_server.runtime.supervisor import Supervisor

SLEEP = "import time; time.sleep(600)"
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
time.sleep(600)
"""
PATIENCE = 30.0


def spec(name: str, program: str, *arguments: str, **more) -> ChildSpec:
    return ChildSpec(name, [sys.executable, "-c", program, *arguments], env=dict(os.environ), **more)


def eventually(condition) -> None:
    give_up = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < give_up, "it did not happen"
        time.sleep(0.02)


def running(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def told():
    return []


@pytest.fixture
def supervisor(tmp_path, told):
    supervisor = Supervisor(tmp_path, stop_seconds=5, tell=told.append)
    yield supervisor
    if supervisor.children:
        supervisor.stop()


def test_stopping_ends_every_child(supervisor):
    pids = [supervisor.start(spec(name, SLEEP)).pid for name in ("one", "two")]
    supervisor.stop()
    assert not any(running(pid) for pid in pids)


def test_children_end_in_the_reverse_order_of_their_start(supervisor, tmp_path):
    record = tmp_path / "order"
    program = (
        "import signal, sys, time\n"
        "def end(*_):\n"
        "    open(sys.argv[1], 'a').write(sys.argv[2] + ' ')\n"
        "    sys.exit()\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "print('up', flush=True)\n"
        "time.sleep(600)\n"
    )
    started = [
        supervisor.start(spec(name, program, str(record), name)) for name in ("valkey", "worker", "api")
    ]
    eventually(lambda: all(child.log_path.exists() and child.log_path.read_text() for child in started))
    supervisor.stop()
    assert record.read_text() == "api worker valkey "


def test_a_child_that_ignores_sigterm_is_killed(tmp_path, told):
    supervisor = Supervisor(tmp_path, stop_seconds=0.3, tell=told.append)
    stubborn = supervisor.start(spec("stubborn", STUBBORN))
    eventually(lambda: stubborn.log_path.exists() and "up" in stubborn.log_path.read_text())
    supervisor.stop()
    assert not running(stubborn.pid)


def test_the_processes_that_a_child_made_end_with_it(supervisor, tmp_path):
    program = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    parent = supervisor.start(spec("parent", program))
    eventually(lambda: parent.log_path.exists() and parent.log_path.read_text().strip())
    grandchild = int(parent.log_path.read_text())
    supervisor.stop()
    eventually(lambda: not running(grandchild))


def test_a_child_that_dies_is_started_again_and_the_terminal_hears_of_it(supervisor, told):
    child = supervisor.start(spec("worker", SLEEP))
    first = child.pid
    os.kill(first, signal.SIGKILL)
    eventually(lambda: child.exit_status() is not None)

    def started_again() -> bool:
        child.look_after()
        return child.restarts == 1 and child.exit_status() is None

    eventually(started_again)
    assert child.pid != first
    assert told == [
        f"worker ended (killed by SIGKILL); starting it again in 0.5 s. Its log is {child.log_path}."
    ]


def test_each_early_death_doubles_the_wait_up_to_a_bound(supervisor, told, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(child_module.time, "monotonic", lambda: clock[0])
    child = supervisor.start(spec("worker", "raise SystemExit(3)"))
    waits = []
    for _ in range(8):
        while child.exit_status() is None:
            time.sleep(0.01)
        child.look_after()
        waits.append(child._start_again_at - clock[0])
        clock[0] = child._start_again_at
        child.look_after()
    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0]


def test_a_child_that_ends_while_starting_fails_the_start_with_its_last_words(supervisor):
    child = supervisor.start(spec("api", "print('no handler for detectAnomalies'); raise SystemExit(1)"))
    with pytest.raises(StartError) as failed:
        supervisor.wait_until(lambda: False, seconds=PATIENCE, fault=lambda: "never")
    assert str(failed.value) == (
        "api ended while starting (exit status 1). It printed last:\n"
        "    no handler for detectAnomalies\n"
        f"The whole log is {child.log_path}."
    )


def test_waiting_has_an_end(supervisor, tmp_path):
    supervisor.start(spec("api", SLEEP))
    with pytest.raises(
        StartError, match=rf"Not every part is up after 0\.1 s\. The logs are in {tmp_path}\."
    ):
        supervisor.wait_until(lambda: False, seconds=0.1, fault=lambda: "Not every part is up")


def test_exit_statuses_are_told_in_words():
    assert describe(1) == "exit status 1"
    assert describe(-9) == "killed by SIGKILL"


SUPERVISOR = """
import os, sys
from pathlib import Path
from pynomaly_server.runtime.child import ChildSpec
from pynomaly_server.runtime.supervisor import Supervisor

logs, stop_seconds, program = Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
supervisor = Supervisor(logs, stop_seconds=stop_seconds, tell=lambda line: print(line, flush=True))
with supervisor.signals():
    try:
        for name in ("one", "two"):
            child = supervisor.start(ChildSpec(name, [sys.executable, "-c", program], env=dict(os.environ)))
            print("child", child.pid, flush=True)
        supervisor.run()
    finally:
        supervisor.stop()
"""


@pytest.fixture
def supervising(tmp_path):
    """Starts a supervisor of two children as a process of its own; gives it and their process ids."""
    started = []

    def start(program: str, stop_seconds: float = 5.0):
        process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISOR, str(tmp_path), str(stop_seconds), program],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        started.append(process)
        pids = [int(process.stdout.readline().split()[1]) for _ in range(2)]
        return process, pids

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_no_child_outlives_a_supervisor_that_is_killed(supervising):
    process, pids = supervising(SLEEP)
    process.kill()
    eventually(lambda: not any(running(pid) for pid in pids))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_supervisor_and_its_children(supervising, number):
    process, pids = supervising(SLEEP)
    process.send_signal(number)
    assert process.wait(PATIENCE) == 0
    assert not any(running(pid) for pid in pids)


def test_a_second_signal_ends_stubborn_children_at_once(supervising, tmp_path):
    process, pids = supervising(STUBBORN, stop_seconds=600)
    eventually(
        lambda: all(
            Path(tmp_path / f"{name}.log").exists() and "up" in (tmp_path / f"{name}.log").read_text()
            for name in ("one", "two")
        )
    )
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 0
    assert not any(running(pid) for pid in pids)


def test_a_terminal_that_goes_away_ends_the_supervisor_and_its_children(tmp_path):
    argv = [sys.executable, "-c", SUPERVISOR, str(tmp_path), "5", SLEEP]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(argv[0], argv)
    pids = []
    with os.fdopen(terminal, "rb", buffering=0) as screen:
        said = b""
        while said.count(b"\n") < 2:
            said += screen.read(1_000)
        pids = [int(line.split()[1]) for line in said.splitlines()[:2]]
    eventually(lambda: os.waitpid(pid, os.WNOHANG) != (0, 0))
    assert not any(running(child) for child in pids)


RELOADING = """
import signal, sys, time
signal.signal(signal.SIGHUP, lambda *_: print("read anew", flush=True))
print("up", flush=True)
time.sleep(600)
"""


def test_a_hangup_reaches_the_children_that_reload_and_ends_nobody(supervisor, told):
    reloading = supervisor.start(spec("reloading", RELOADING, reloads=True))
    other = supervisor.start(spec("other", SLEEP))
    eventually(lambda: "up" in reloading.log_path.read_text())
    asked = []

    def look():
        if not asked:
            asked.append(os.kill(os.getpid(), signal.SIGHUP))
        elif "read anew" in reloading.log_path.read_text():
            os.kill(os.getpid(), signal.SIGTERM)

    other.look_after = look
    with supervisor.signals():
        supervisor.run()
    assert running(other.pid)
    assert told == []
