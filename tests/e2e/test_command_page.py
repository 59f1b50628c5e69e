"""The page on the command line: its commands run as they stand there, and print what it says."""

import io
import re
import shlex
import shutil

import pytest
from tests.e2e.test_examples import EXAMPLES

from pynomaly.cli import main
from pynomaly.cli.completion.tree import command_tree
from pynomaly.cli.program import make_parser

PAGE = (EXAMPLES.parent / "docs" / "cli.md").read_text()
CONSOLES = re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
# Ids are bound to those of the run, where they are first printed.
IDS = re.compile(r"(?:dts|job|key|usr|mdl)_[0-9a-f]{32}")
# What else differs from one run to the next: dates, times, scores and shares.
VARYING = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d)?|\b[01]\.\d{3,4}\b|\b\d+%")
HOME, SERVER = "/home/ines", "http://127.0.0.1:8000"


def commands(console: str) -> list[tuple[str, str]]:
    """Each command of a block with what it prints."""
    parts = re.split(r"^\$ (.*)\n", console, flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def pattern(printed: str, bound: dict[str, str]) -> str:
    """What a run prints where the page says this: three dots stand for any lines, or the rest of a line."""
    written = ""
    for line in printed.splitlines(keepends=True):
        written += "(?:.*\n)*?" if line == "...\n" else pattern_of_line(line, bound)
    return written


def pattern_of_line(line: str, bound: dict[str, str]) -> str:
    written, end = "", 0
    for found in re.finditer(f"{IDS.pattern}|{VARYING.pattern}|…", line):
        text = found.group()
        written += re.escape(line[end : found.start()])
        end = found.end()
        if text == "…":
            written += ".*"
        elif not IDS.fullmatch(text):
            written += f"(?:{VARYING.pattern})"
        elif text in bound:
            written += re.escape(bound[text])
        else:
            bound[text] = text
            written += f"(?P<{text}>{text[:4]}[0-9a-f]{{32}})"
    return written + re.escape(line[end:])


def unaligned(text: str) -> str:
    """A table without what depends on the widest cell."""
    return re.sub(r"-{3,}", "---", re.sub(r" {2,}", "  ", text))


@pytest.fixture
def run(stack, tmp_path, monkeypatch, capsys):
    """Runs a command as somebody with the files of the examples, and gives what it prints."""
    for name in ("transactions.csv", "transactions_labels.csv"):
        shutil.copy(EXAMPLES / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / ".config"))
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setattr("pynomaly.cli.program.entry_points", lambda group: [])

    def printed(line: str) -> str:
        command, _, typed = line.partition(" <<< ")
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(shlex.split(typed))))
        program, *arguments = shlex.split(command)
        assert program == "pynomaly"
        main(arguments)
        said = "".join(capsys.readouterr())
        return said.replace(stack.base_url, SERVER).replace(str(tmp_path), HOME)

    return printed


def test_every_command_of_the_page_prints_what_it_says(run, stack, tmp_path):
    bound: dict[str, str] = {}
    for console in CONSOLES:
        # Each block begins with what `pynomaly serve` has written.
        shutil.copytree(stack.config_home, tmp_path / ".config", dirs_exist_ok=True)
        for line, printed in commands(console):
            for written, real in bound.items():
                line = line.replace(written, real)  # noqa: PLW2901
            said = run(line)
            found = re.fullmatch(pattern(unaligned(printed), bound), unaligned(said))
            assert found, f"$ {line}\n{said}\nis not what the page says:\n{printed}"
            bound |= found.groupdict()


def test_the_page_shows_every_command_of_the_client(monkeypatch):
    monkeypatch.setattr("pynomaly.cli.program.entry_points", lambda group: [])
    shown = [line.split() for console in CONSOLES for line, _ in commands(console)]
    # Where the server is installed these are its own; they are those of `pynomaly batch`, as the page says.
    shown += [[line[0], "jobs", *line[2:]] for line in shown if line[1] == "batch"]
    for command in command_tree(make_parser()).walk():
        if command.path and not command.commands:
            assert any(line[1 : 1 + len(command.path)] == [*command.path] for line in shown), command.path


def test_the_page_has_every_exit_status():
    statuses = re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)
    assert statuses == ["0", "1", "2", "130"]
