"""Runs the command line as `python -m pynomaly.cli`."""

import sys

from pynomaly.cli.program import main

sys.exit(main())
