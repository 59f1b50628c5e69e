"""`python -m pynomaly_server COMMAND`: the processes of the server, without the client's commands."""

import sys

from pynomaly_server.cli import main

if __name__ == "__main__":
    sys.exit(main())
