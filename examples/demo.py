"""The demo: starts a server of its own, detects anomalies in two tables through its API, and stops it.

    make demo      (or: python examples/demo.py [--data-dir DIR])

Everything goes over HTTP through `PynomalyClient`, as it would to a server elsewhere. What the server keeps
goes to `.data/demo`, which can be deleted at any time.
"""

import argparse
import csv
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import redirect_stderr
from pathlib import Path

from sklearn.metrics import roc_auc_score

import breast_cancer
from pynomaly import BatchDetectionRequest, DetectionResult, PynomalyClient, PynomalyError, RowResult
from pynomaly.profile import read_profile
from pynomaly_server.runtime.embedded import EmbeddedServer, EmbeddedServerError

HERE = Path(__file__).parent
WIDTH = 96
SHOWN = 8


def main() -> int:
    """Run the demo; gives the exit status."""
    parser = argparse.ArgumentParser(description="Detect anomalies in two tables with a server of its own.")
    parser.add_argument("--data-dir", type=Path, default=HERE.parent / ".data" / "demo", metavar="DIR")
    data: Path = parser.parse_args().data_dir
    server = EmbeddedServer(
        data / "server", config_home=data / "config", env={"PYNOMALY_JOB_CHUNK_ROWS": "250"}
    )
    began = time.monotonic()
    print("Starting a server: SQLite, Valkey, a Celery worker, the HTTP API ...", flush=True)
    try:
        with server:
            print(f"It is up at {server.url} after {time.monotonic() - began:.1f} s.")
            profile = read_profile(server.profile)
            assert profile is not None
            with PynomalyClient(api_key=profile.api_key, base_url=profile.base_url) as client:
                show_cells(client, data)
                payments = show_payments(client)
                show_job(client, payments)
            show_node(data / "config")
    except (EmbeddedServerError, PynomalyError) as fault:
        print(f"\nThe demo failed: {fault}\n\nThe server's logs are in {server.logs}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    print(f"\nThe server is stopped. All of it took {time.monotonic() - began:.1f} s.")
    return 0


def show_cells(client: PynomalyClient, data: Path) -> None:
    """Detection on numbers alone, with labels to compare with."""
    table, labels = breast_cancer.write(data)
    heading("1. Breast-cancer cells: 367 rows of 30 measurements, 10 of them malignant")
    result = client.detect_anomalies(table, contamination=0.03, include_explanations=True)
    truth = read_labels(labels)
    show_most_anomalous(
        result, "cell_id", {name: "malignant" if wrong else "benign" for name, wrong in truth.items()}
    )
    show_accuracy(result, "cell_id", truth)


def show_payments(client: PynomalyClient) -> DetectionResult:
    """Detection on a mixed table: ids, times, amounts, categories, yes and no, gaps."""
    heading("2. Customer payments: 2,000 rows of mixed columns, 20 of them not right")
    result = client.detect_anomalies(HERE / "transactions.csv", contamination=0.01, include_explanations=True)
    rows = [
        [column.name, column.type, f"{column.missing:,}", "yes" if column.used else "no"]
        for column in result.columns
    ]
    show_table(["column", "read as", "missing", "in the model"], rows)
    print()
    labels = HERE / "transactions_labels.csv"
    show_most_anomalous(result, "transaction_id", read_kinds(labels))
    show_accuracy(result, "transaction_id", read_labels(labels))
    return result


def show_job(client: PynomalyClient, payments: DetectionResult) -> None:
    """The same table as a job: uploaded, worked on in the background, fetched when it is done."""
    heading("3. The same payments as a batch job")
    job = client.batch_detect(
        BatchDetectionRequest(data_sources=[str(HERE / "transactions.csv")], contamination=0.01)
    )
    print(f"Submitted {job.job_id}", flush=True)
    with redirect_stderr(sys.stdout):
        job.wait(timeout=120, progress=True)
    result = job.result()
    print(f"Fetched {len(result):,} rows, {result.n_anomalies} of them anomalous.")
    apart = max(abs(one - other) for one, other in zip(result.scores, payments.scores, strict=True))
    print(f"Largest difference from the scores of part 2: {apart:.2g}")


def show_node(config_home: Path) -> None:
    """The same table through the client for Node, where there is a Node and the client is built."""
    heading("4. The same payments from Node")
    tool = [sys.executable, str(HERE.parent / "requirements" / "node.py")]
    built = subprocess.run([*tool, "build"], capture_output=True, text=True, check=False)  # noqa: S603
    if built.returncode != 0:
        said = built.stderr.strip().splitlines() or ["it did not build"]
        print(f"Left out: {said[-1]}")
        return
    program = str(HERE.parent / "js-sdk" / "examples" / "demo.mjs")
    subprocess.run(  # noqa: S603
        [*tool, "run", program, str(HERE / "transactions.csv")],
        env={**os.environ, "XDG_CONFIG_HOME": str(config_home)},
        check=False,
    )


def show_most_anomalous(result: DetectionResult, id_column: str, truth: dict[str, str]) -> None:
    """The rows with the highest scores, why they stand out, and what they are in truth."""
    rows = [
        [name_of(row, id_column), f"{row.score:.3f}", truth[name_of(row, id_column)], row.reasons(2)]
        for row in result.anomalies(SHOWN)
    ]
    show_table([id_column, "score", "in truth", "stands out by"], rows)
    shown = f"The first {SHOWN}" if result.n_anomalies > SHOWN else "All"
    print(
        f"{shown} of {result.n_anomalies} anomalies among "
        f"{result.n_rows:,} rows ({result.algorithm}, {result.elapsed_ms:,.0f} ms at the server)"
    )


def show_accuracy(result: DetectionResult, id_column: str, truth: dict[str, bool]) -> None:
    """How well the scores tell the labelled rows from the others; the server never saw the labels."""
    wrong = [truth[name_of(row, id_column)] for row in result.rows()]
    count = sum(wrong)
    ranked = sorted(zip(result.scores, wrong, strict=True), reverse=True)
    found = sum(is_wrong for _, is_wrong in ranked[:count])
    print(f"ROC-AUC {roc_auc_score(wrong, result.scores):.3f}    precision at {count}: {found / count:.2f}")


def name_of(row: RowResult, id_column: str) -> str:
    """What people know the row by."""
    return str((row.values or {}).get(id_column) or row.identifiers.get(id_column))


def read_labels(path: Path) -> dict[str, bool]:
    """Whether each row is an anomaly, by its id."""
    with path.open(newline="") as file:
        return {line[0]: line[1] == "1" for line in list(csv.reader(file))[1:]}


def read_kinds(path: Path) -> dict[str, str]:
    """What is wrong with each row, by its id."""
    with path.open(newline="") as file:
        return {line[0]: line[2].replace("_", " ") or "right" for line in list(csv.reader(file))[1:]}


def heading(text: str) -> None:
    """A line that begins a part."""
    print(f"\n{text}\n{'-' * len(text)}", flush=True)


def show_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Columns as wide as their cells; the last one is cut where a line would be too long."""
    widths = [max(len(str(row[place])) for row in [header, *rows]) for place in range(len(header))]
    for row in [header, *rows]:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        print(line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…")


if __name__ == "__main__":
    sys.exit(main())
