"""What a command prints: a table for people, JSON for programs."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from pynomaly.rendering import text_table

WIDTH = 120


def print_json(answer: BaseModel | Mapping[str, Any] | Sequence[BaseModel | Mapping[str, Any]]) -> None:
    """Print what the server answered, as it answered it."""
    if isinstance(answer, BaseModel | Mapping):
        document: Any = _plain(answer)
    else:
        document = [_plain(each) for each in answer]
    json.dump(document, sys.stdout, indent=2, default=str)
    sys.stdout.write("\n")


def _plain(answer: BaseModel | Mapping[str, Any]) -> Any:
    return answer.model_dump(mode="json") if isinstance(answer, BaseModel) else answer


def tell(arguments: argparse.Namespace, answer: BaseModel | Mapping[str, Any], sentence: str) -> int:
    """Print what the server answered where `--json` asks for it, and else say it; returns the exit status."""
    if arguments.json:
        print_json(answer)
    else:
        sys.stdout.write(f"{sentence}\n")
    return 0


def print_table(headers: Sequence[str], rows: Sequence[Sequence[Any]], *, keep: int = 1) -> None:
    """Print rows under their headers; the first `keep` columns are there however narrow the line is."""
    sys.stdout.write(text_table(headers, rows, width=WIDTH, keep=keep) + "\n")


def print_facts(facts: Sequence[tuple[str, Any]]) -> None:
    """Print one line for each fact that there is."""
    for label, value in facts:
        if value is not None:
            sys.stdout.write(f"{label:<12}{value}\n")


def moment(at: datetime | None) -> str | None:
    """A time as people read it."""
    return None if at is None else f"{at:%Y-%m-%d %H:%M}"


def size(count: int) -> str:
    """A number of bytes as people read it."""
    for unit, bytes_in_it in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= bytes_in_it:
            return f"{count / bytes_in_it:,.1f} {unit}"
    return f"{count} B"


def note(text: str) -> None:
    """Say something to people that programs need not read."""
    sys.stderr.write(f"pynomaly: note: {text}\n")


def complain(text: str) -> None:
    """Say on one line what went wrong."""
    sys.stderr.write(f"pynomaly: {' '.join(text.split())}\n")
