"""`python -m codegen.lint`: the same as `python -m codegen --lint`."""

import sys

from codegen.__main__ import main

if __name__ == "__main__":
    sys.exit(main(["--lint", *sys.argv[1:]]))
