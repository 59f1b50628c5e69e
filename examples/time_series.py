"""Time series, against the server that `make serve` (or `pynomaly serve`) keeps running on this machine.

`server_load.csv` holds two weeks of hourly load of two servers with a daily rhythm. Server `a` has one spike,
server `b` a day on which the rhythm fails. `--write-data FOLDER` makes the file anew.
"""

import csv
import math
import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pynomaly import PynomalyClient

LOAD = Path(__file__).parent / "server_load.csv"
HOURS = 14 * 24
SPIKE = 200
FLAT_DAY = range(9 * 24, 10 * 24)


def write_data(folder: Path) -> None:
    """Make `server_load.csv`, the same every time."""
    dice = random.Random(7)
    start = datetime(2024, 5, 1, tzinfo=UTC)
    with (folder / LOAD.name).open("w", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["at", "server", "load"])
        for hour in range(HOURS):
            for server in ("a", "b"):
                load = 50 + 20 * math.sin(2 * math.pi * (hour % 24 - 8) / 24) + dice.gauss(0, 1.5)
                if server == "a" and hour == SPIKE:
                    load += 45
                if server == "b" and hour in FLAT_DAY:
                    load = 50 + dice.gauss(0, 1.5)
                table.writerow([(start + timedelta(hours=hour)).isoformat(), server, round(load, 2)])


def main() -> None:
    """Find the spike, then the day without a rhythm."""
    series = {"timestamp_column": "at", "series_column": "server"}
    with PynomalyClient() as client:
        found = client.detect_anomalies(LOAD, algorithm="spectral_residual", contamination=0.002, **series)
        for row in found.anomalies(1):
            expected = found.series.expected[row.row]
            print(f"spike:  {row.values} where {expected:.1f} was expected, score {row.score:.2f}")

        found = client.detect_anomalies(
            LOAD,
            algorithm="isolation_forest",
            windows={"length": 24, "normalise": "none"},
            contamination=0.04,
            **series,
        )
        days = sorted(
            {str(row.values["at"])[:10] + " " + str(row.values["server"]) for row in found.anomalies()}
        )
        print("windows:", ", ".join(days))
        for warning in found.warnings:
            print("warning:", warning.detail)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--write-data"]:
        write_data(Path(sys.argv[2]))
    else:
        main()
