"""Completion in shells, by the shells themselves where they are installed."""

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pynomaly.cli.completion.bash import bash_script
from pynomaly.cli.completion.fish import fish_script
from pynomaly.cli.completion.tree import command_tree
from pynomaly.cli.completion.zsh import zsh_script
from pynomaly.cli.program import make_parser

TREE = command_tree(make_parser())


@pytest.fixture(scope="module")
def completed(tmp_path_factory):
    """What bash's `complete` offers for a line whose last word is being typed."""
    folder = tmp_path_factory.mktemp("bash")
    (folder / "script").write_text(bash_script(TREE))
    (folder / "payments of may.csv").touch()
    (folder / "other.txt").touch()

    def offer(*words: str) -> set[str]:
        program = (
            "source ./script; [[ $(complete -p pynomaly) == 'complete -F _pynomaly pynomaly' ]] || exit 1\n"
            'COMP_WORDS=(pynomaly "$@"); COMP_CWORD=$#; _pynomaly; printf "%s\\n" "${COMPREPLY[@]}"'
        )
        done = subprocess.run(
            ["bash", "--norc", "-c", program, "bash", *words],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == ""
        return set(done.stdout.splitlines()) - {""}

    return offer


def test_bash_offers_every_command_that_the_parser_knows(completed):
    commands = {command.name for command in TREE.commands}
    assert {"detect", "evaluate", "batch", "serve"} <= commands
    assert completed("") == commands | {"--help", "--version"}


@pytest.mark.parametrize(
    "command", [each for each in TREE.walk() if each.path], ids=lambda each: str(each.path)
)
def test_bash_offers_the_actions_and_options_of_every_command(command, completed):
    words = {each.name for each in command.commands} | set(command.choices)
    words |= {name for option in command.options for name in option.names if name.startswith("--")}
    files = {"payments of may.csv", "other.txt", "script"} if command.takes_files else set()
    assert completed(*command.path, "") == words | files


def test_bash_offers_what_begins_with_what_was_typed(completed):
    assert completed("dat") == {"datasets"}
    assert completed("batch", "list", "--st") == {"--state"}


def test_bash_offers_the_values_of_an_option(completed):
    states = {"queued", "running", "succeeded", "failed", "cancelled"}
    assert completed("batch", "list", "--state", "") == states
    assert completed("batch", "list", "--state", "=", "q") == {"queued"}
    assert completed("batch", "list", "--limit", "") == set()


def test_bash_offers_files_where_a_file_is_meant(completed):
    assert completed("detect", "pay") == {"payments of may.csv"}
    assert completed("evaluate", "a.csv", "--labels", "oth") == {"other.txt"}


def test_an_option_before_an_action_does_not_lead_astray(completed):
    assert "--only-anomalies" in completed("batch", "download", "--json", "job_1", "--")


def test_the_tab_key_of_bash_completes_a_command(tmp_path):
    (tmp_path / "script").write_text(bash_script(TREE))
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(tmp_path)
        os.environ.update(PS1="> ", INPUTRC="/dev/null", TERM="dumb")
        os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
    try:
        os.write(terminal, b"source ./script; echo re''ady\n")
        read_until(terminal, "ready")
        os.write(terminal, b"pynomaly evalua\t")
        read_until(terminal, "pynomaly evaluate ")
    finally:
        os.close(terminal)
        os.waitpid(child, 0)


def read_until(terminal: int, text: str) -> None:
    seen = ""
    give_up = time.monotonic() + 30
    while text not in seen:
        assert select.select([terminal], [], [], max(0.0, give_up - time.monotonic()))[0], seen
        seen += os.read(terminal, 4096).decode()


@pytest.mark.parametrize(("shell", "script"), [("zsh", zsh_script), ("fish", fish_script)])
def test_a_script_is_in_the_language_of_its_shell(shell, script, tmp_path):
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    parser = make_parser()
    parser.add_argument("--odd", help='it\'s $(touch hit) `touch hit` \\ : a: "b"')
    (tmp_path / "script").write_text(script(command_tree(parser)))
    done = subprocess.run(
        [program, "-n", str(tmp_path / "script")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_fish_completes_with_the_words_of_the_line(tmp_path):
    fish = shutil.which("fish")
    if fish is None:
        pytest.skip("fish is not installed")
    (tmp_path / "script").write_text(fish_script(TREE))
    program = f"source {tmp_path}/script; complete -C 'pynomaly batch list --state q'"
    done = subprocess.run([fish, "--no-config", "-c", program], capture_output=True, text=True, check=True)
    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == ["queued"]


def test_the_command_prints_the_script_of_its_own_parser(tmp_path):
    program = Path(sys.executable).with_name("pynomaly")
    done = subprocess.run(
        [program, "completion", "bash"], capture_output=True, text=True, check=True, env=os.environ
    )
    assert done.stdout == bash_script(TREE)
