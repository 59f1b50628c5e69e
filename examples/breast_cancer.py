"""Writes the breast-cancer data that scikit-learn brings as `breast_cancer.csv`, the label aside.

    python examples/breast_cancer.py [--out examples/out]

569 cells, 30 measurements each (Wolberg, Street and Mangasarian, 1995). Detection is for what is rare, and
37 % of the cells are malignant, so this keeps all 357 benign ones and the first 10 malignant ones, as
Campos et al. (2016) do to compare detectors on this data. Which ones are malignant is written to
`breast_cancer_labels.csv` and nowhere else.
"""

import argparse
import csv
from pathlib import Path

from sklearn.datasets import load_breast_cancer

MALIGNANT_KEPT = 10


def write(folder: Path) -> tuple[Path, Path]:
    """Write the data and the labels into `folder`; gives both paths."""
    data = load_breast_cancer()
    malignant = [row for row, target in enumerate(data.target) if target == 0][:MALIGNANT_KEPT]
    kept = sorted([*malignant, *(row for row, target in enumerate(data.target) if target == 1)])
    folder.mkdir(parents=True, exist_ok=True)
    table, labels = folder / "breast_cancer.csv", folder / "breast_cancer_labels.csv"
    with table.open("w", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(["cell_id", *(str(name).replace(" ", "_") for name in data.feature_names)])
        lines.writerows([f"cell-{row:03d}", *(f"{value:.10g}" for value in data.data[row])] for row in kept)
    with labels.open("w", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(["cell_id", "is_anomaly"])
        lines.writerows([f"cell-{row:03d}", int(data.target[row] == 0)] for row in kept)
    return table, labels


def main() -> None:
    """Read the arguments and write the files."""
    parser = argparse.ArgumentParser(description="Write scikit-learn's breast-cancer data as CSV.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "out")
    table, labels = write(parser.parse_args().out)
    print(f"Wrote {table} and {labels}")


if __name__ == "__main__":
    main()
