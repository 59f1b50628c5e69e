"""`python -m codegen`: write the generated rooms, or check that they are what the contract says."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from codegen.access import with_access
from codegen.bundle import BundleError, bundle
from codegen.files import compare, write
from codegen.lint import lint
from codegen.operations import ContractError
from codegen.rooms import make_rooms
from codegen.yaml12 import YamlError

REPOSITORY = Path(__file__).resolve().parents[2]
CONTRACT = REPOSITORY / "openapi" / "pynomaly.yaml"


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 where all is well, 1 where something differs or is wrong."""
    parser = argparse.ArgumentParser(prog="python -m codegen", description=__doc__)
    parser.add_argument("--contract", type=Path, default=CONTRACT, help="root file of the contract")
    parser.add_argument("--out", type=Path, default=REPOSITORY, help="folder that has server/ and sdk/")
    action = parser.add_mutually_exclusive_group()
    action.add_argument(
        "--check", action="store_true", help="write nothing; fail naming each file that differs"
    )
    action.add_argument("--lint", action="store_true", help="only say what is wrong with the contract")
    chosen = parser.parse_args(arguments)
    try:
        document = bundle(chosen.contract)
        if chosen.lint:
            return _report(
                [str(finding) for finding in lint(document)], f"{chosen.contract} keeps every rule."
            )
        rooms = make_rooms(with_access(document))
    except (BundleError, YamlError, ContractError) as error:
        return _report([str(error)], "")
    if chosen.check:
        return _report(compare(rooms, chosen.out), "The generated files are what the contract says.")
    changed = write(rooms, chosen.out)
    print("\n".join(changed) if changed else "Nothing to change.")
    return 0


def _report(faults: list[str], good_news: str) -> int:
    if not faults:
        print(good_news)
        return 0
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{len(faults)} to mend.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
