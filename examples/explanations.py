"""Why rows stand out, against the server that `make serve` (or `pynomaly serve`) keeps running here.

The table is as it comes: ids, times, amounts, categories, yes and no, gaps. The server types its columns,
says in `warnings` what it did, and explains each anomaly by the features that made it one.
"""

from collections import Counter
from pathlib import Path

from pynomaly import PynomalyClient

PAYMENTS = Path(__file__).parent / "transactions.csv"
ALGORITHMS = ("ensemble", "isolation_forest", "ecod")


def main() -> None:
    """Explain the oddest payments, then ask what several algorithms hold against all anomalies."""
    with PynomalyClient() as client:
        found = client.detect_anomalies(
            PAYMENTS, algorithm="ensemble", contamination=0.01, include_explanations=True
        )
        for column in found.columns:
            print(f"{column.name}: {column.type}{'' if column.used else ', not used'}")
        for warning in found.warnings:
            print("warning:", warning.detail)

        for row in found.top(3):
            print(f"\n{row.identifiers['transaction_id']} scores {row.score:.3f}")
            for part in found.explain(row.row)[:2]:
                print(f"  {part.contribution:4.0%}  {part.feature} is {part.value}, usually {part.expected}")

        print()
        for algorithm in ALGORITHMS:
            result = client.detect_anomalies(
                PAYMENTS, algorithm=algorithm, contamination=0.01, include_explanations=True
            )
            first = Counter(result.explain(row.row)[0].feature for row in result.anomalies())
            print(f"{algorithm}:", ", ".join(f"{name} {count}" for name, count in first.most_common(3)))


if __name__ == "__main__":
    main()
