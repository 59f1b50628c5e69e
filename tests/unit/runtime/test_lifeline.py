"""A command tied to its parent."""

import signal
import subprocess
import sys

from pynomaly_server.runtime import lifeline


def test_the_command_runs_with_its_arguments_output_and_exit_status():
    program = [sys.executable, "-c", "import sys; print(sys.argv[1:]); sys.exit(7)", "a b", "--c"]
    done = subprocess.run(
        lifeline.command(program, ending=signal.SIGKILL), capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.returncode) == ("['a b', '--c']\n", 7)


def test_a_command_whose_parent_is_gone_already_is_not_run():
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    argv = [
        sys.executable,
        "-I",
        "-S",
        lifeline.__file__,
        str(gone.pid),
        "SIGKILL",
        sys.executable,
        "-c",
        "print(1)",
    ]
    done = subprocess.run(argv, capture_output=True, check=False)
    assert (done.stdout, done.returncode) == (b"", lifeline.ORPHANED)


def test_the_watch_for_other_platforms_passes_on_signals_and_the_exit_status():
    program = (
        "import os, signal, sys\n"
        "from pynomaly_server.runtime.lifeline import _stay_beside\n"
        "child = [sys.executable, '-c', 'import signal, sys, time;"
        " signal.signal(signal.SIGTERM, lambda *_: sys.exit(5)); print(1, flush=True);"
        # A signal that comes just before a long sleep begins would be seen only after it.
        " [time.sleep(0.05) for _ in range(12_000)]']\n"
        "sys.exit(_stay_beside(os.getppid(), signal.SIGKILL, child))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    process.stdout.readline()
    process.terminate()
    assert process.wait(30) == 5
    process.stdout.close()
