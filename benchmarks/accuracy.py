"""Accuracy of every algorithm on the labelled tables, beside what libraries reach and what is published.

    python benchmarks/accuracy.py                     one seed, prints the figures
    python benchmarks/accuracy.py --full --write      five seeds, and the table goes into docs/algorithms.md
    python benchmarks/accuracy.py --full --fewer --write --algorithms autoencoder     what trains networks

Each algorithm is fitted with its defaults on all rows without labels and scores the same rows; neighbour
methods leave a row itself out. The tables, baselines and published figures lie in shared/data beside the
repository (`--data` names another place); where they are not, the figures are skipped. `--write` renews the
descriptions of the algorithms in any case, and of the figures those that were measured on all tables.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from sklearn.metrics import average_precision_score, roc_auc_score

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "server" / "src"))

from pynomaly_server.detectors import registry  # noqa: E402 - found through the path above

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from pynomaly_server.detectors.base import AlgorithmSpec

PAGE = ROOT / "docs" / "algorithms.md"
BEGIN, END = "<!-- accuracy: begin -->", "<!-- accuracy: end -->"
SERIES_BEGIN, SERIES_END = "<!-- series: begin -->", "<!-- series: end -->"
EXPLAINED_BEGIN, EXPLAINED_END = "<!-- explanations: begin -->", "<!-- explanations: end -->"
NOT_MEASURED = "Not in the table: "

# Far apart, so that no two runs of a method that counts up from its seed share a tree.
SEEDS = (11, 1_009, 100_003, 10_000_019, 1_000_000_007)

# With `--fewer` so many seeds count on tables of more rows: trained networks take minutes for each there.
FEWER, MANY_ROWS = 3, 4_000

# What goes by another name in baselines.csv and in published.csv; None where the file has nothing like it.
PEERS: dict[str, tuple[str | None, str | None]] = {
    "abod": (None, "ABOD"),
    "autoencoder": ("AE(MLP h-b-h tanh)", "AutoEncoder"),
    "cblof": ("CBLOF(pyod)", "CBLOF"),
    "copod": ("COPOD(pyod)", "COPOD"),
    "deep_svdd": (None, "DeepSVDD"),
    "ecod": ("ECOD(pyod)", "ECOD"),
    "ensemble": ("z-mean IF+bKNN", None),
    "extended_isolation_forest": ("isotree(100,256,ndim2 EIF)", None),
    "gmm": (None, "GMM"),
    "hbos": ("HBOS(pyod)", "HBOS"),
    "inne": (None, "INNE"),
    "iqr": ("iqr_mean", None),
    "isolation_forest": ("IsolationForest(sklearn)", "IForest"),
    "kde": (None, "KDE"),
    "knn": ("KNN(k=5)(pyod)", "kNN"),
    "local_outlier_factor": ("LOF(sklearn,k=20)", "LOF"),
    "loda": (None, "LODA"),
    "mcd": ("MCD(pyod)", "MCD"),
    "modified_z_score": ("robust_z_mean", None),
    "one_class_svm": ("OCSVM(sklearn,nu=0.5)", "OCSVM"),
    "pca": ("PCA(pyod)", "PCA"),
    "variational_autoencoder": (None, "VAE"),
    "z_score": ("zscore_max", None),
}


class Figure(NamedTuple):
    """Area under the ROC curve and average precision; NaN where a source has only one of them."""

    auc: float
    ap: float


@dataclass(frozen=True)
class Measured:
    """Figures of one algorithm on each table, means over the seeds: the fewest and the most of them."""

    spec: AlgorithmSpec
    seeds: tuple[int, int]
    tables: dict[str, Figure]

    def mean(self) -> Figure:
        """The mean over the tables."""
        return mean_of(self.tables.values())


def main() -> None:
    """Measure, print, and with `--write` renew the page."""
    arguments = parsed()
    chosen = [
        spec for spec in registry.all() if not arguments.algorithms or spec.name in arguments.algorithms
    ]
    measured: list[Measured] = []
    baselines: dict[tuple[str, str], Figure] = {}
    published: dict[tuple[str, str], Figure] = {}
    names: list[str] = []
    if (arguments.data / "tabular").is_dir():
        names = sorted(path.stem for path in (arguments.data / "tabular").glob("*.npz"))
        names = [name for name in names if not arguments.datasets or name in arguments.datasets]
        baselines = read_baselines(arguments.data / "baselines.csv")
        published = read_published(arguments.data / "published.csv")
        measured = [
            measure(spec, names, arguments, baselines, published) for spec in chosen if on_tables(spec)
        ]
        print()
        print(summary(measured, baselines, published))
    else:
        print(f"No figures: there are no labelled tables in {arguments.data / 'tabular'}.")
    if arguments.write:
        # Figures on some of the tables are no means over all of them.
        if arguments.datasets:
            measured = []
        if measured and not arguments.algorithms:
            write_page(table_section(measured, names, baselines, published))
        else:
            write_page(renewed(kept_figures(), measured, names, baselines, published))
        which = ", ".join(each.spec.name for each in measured) or "no algorithm"
        print(f"Wrote {PAGE.relative_to(ROOT)} with new figures of {which}.")


def parsed() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--full", action="store_true", help=f"{len(SEEDS)} seeds instead of one")
    parser.add_argument(
        "--fewer", action="store_true", help=f"{FEWER} seeds on tables of more than {MANY_ROWS:,} rows"
    )
    parser.add_argument("--algorithms", nargs="+", metavar="NAME", help="only these")
    parser.add_argument("--datasets", nargs="+", metavar="NAME", help="only these tables")
    parser.add_argument(
        "--data", type=Path, default=ROOT.parent / "shared" / "data", help="where the data is"
    )
    parser.add_argument("--write", action="store_true", help="write docs/algorithms.md")
    return parser.parse_args()


def on_tables(spec: AlgorithmSpec) -> bool:
    """Whether the algorithm can be measured here, on rows without order; says so where not."""
    if "ordered" in spec.capabilities:
        print(f"{spec.name}: skipped, it scores series; the tables have no order.")
        return False
    if not spec.available:
        print(f"{spec.name}: skipped, the extra {spec.extra!r} is not installed.")
        return False
    return True


def measure(
    spec: AlgorithmSpec,
    names: Sequence[str],
    arguments: argparse.Namespace,
    baselines: dict[tuple[str, str], Figure],
    published: dict[tuple[str, str], Figure],
) -> Measured:
    """Fit the algorithm on every table with every seed, and print each figure as it comes."""
    most = len(SEEDS) if arguments.full and "seeded" in spec.capabilities else 1
    tables, taken = {}, set()
    for name in names:
        with np.load(arguments.data / "tabular" / f"{name}.npz") as stored:
            rows, labels = stored["X"].astype(np.float64), stored["y"]
        started = time.perf_counter()
        runs = []
        count = min(most, FEWER) if arguments.fewer and len(rows) > MANY_ROWS else most
        taken.add(count)
        for seed in SEEDS[:count]:
            scores = spec.fit(rows, {}, seed).training_scores
            runs.append(
                Figure(float(roc_auc_score(labels, scores)), float(average_precision_score(labels, scores)))
            )
        tables[name] = mean_of(runs)
        library, paper = peers(spec.name)
        print(
            f"{spec.name:26}{name:14}{shown(tables[name])}   library {shown(baselines.get((library, name)))}"
            f"   published {shown(published.get((paper, name)))}"
            f"   {time.perf_counter() - started:6.1f} s",
            flush=True,
        )
    return Measured(spec, (min(taken), max(taken)), tables)


def peers(name: str) -> tuple[str, str]:
    """What the algorithm is called in the baselines and in the published figures; empty where it is not."""
    library, paper = PEERS.get(name, (None, None))
    return library or "", paper or ""


def read_baselines(path: Path) -> dict[tuple[str, str], Figure]:
    """The figures of libraries by their name and the table."""
    with path.open(newline="", encoding="utf-8") as file:
        return {
            (row["algorithm"], row["dataset"]): Figure(_number(row["auc_roc"]), _number(row["ap"]))
            for row in csv.DictReader(file)
        }


def read_published(path: Path) -> dict[tuple[str, str], Figure]:
    """The published figures by algorithm and table; of several sources the first in the file counts."""
    found: dict[tuple[str, str], dict[str, float]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            # Fitting on normal rows alone is another task.
            if row["setting"].startswith("semi-supervised"):
                continue
            figures = found.setdefault((row["algorithm"], row["dataset"]), {})
            figures.setdefault(row["metric"], _number(row["value"]))
    return {
        key: Figure(figures.get("AUC_ROC", np.nan), figures.get("AP", np.nan))
        for key, figures in found.items()
    }


def mean_of(figures: Iterable[Figure]) -> Figure:
    """The mean of figures."""
    listed = list(figures)
    return Figure(float(np.mean([each.auc for each in listed])), float(np.mean([each.ap for each in listed])))


def shown(figure: Figure | None, digits: int = 3) -> str:
    """ROC-AUC and average precision as text of fixed width."""
    both = (np.nan, np.nan) if figure is None else figure
    return " ".join("    -" if np.isnan(value) else f"{value:.{digits}f}" for value in both)


def beside(
    each: Measured, peer: str, known: dict[tuple[str, str], Figure]
) -> tuple[float, float, int] | None:
    """Mean ROC-AUC of the peer and of the algorithm over the tables both have, and how many."""
    common = [name for name in each.tables if (peer, name) in known and not np.isnan(known[peer, name].auc)]
    if not common:
        return None
    theirs = float(np.mean([known[peer, name].auc for name in common]))
    return theirs, float(np.mean([each.tables[name].auc for name in common])), len(common)


def summary(
    measured: Sequence[Measured],
    baselines: dict[tuple[str, str], Figure],
    published: dict[tuple[str, str], Figure],
) -> str:
    """A Markdown table of means, best first."""
    lines = [
        "| algorithm | seeds | ROC-AUC | AP | library here | published (ours on the same tables) |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for each in sorted(measured, key=lambda each: -each.mean().auc):
        mean = each.mean()
        library, paper = (
            beside(each, peer, known)
            for peer, known in zip(peers(each.spec.name), (baselines, published), strict=True)
        )
        lines.append(
            f"| {each.spec.name} | {' to '.join(map(str, sorted(set(each.seeds))))} "
            f"| {mean.auc:.3f} | {mean.ap:.3f} "
            f"| {'' if library is None else f'{library[0]:.3f}'} "
            f"| {'' if paper is None else f'{paper[0]:.3f} ({paper[1]:.3f} on {paper[2]})'} |"
        )
    return "\n".join(lines)


def table_section(
    measured: Sequence[Measured],
    names: Sequence[str],
    baselines: dict[tuple[str, str], Figure],
    published: dict[tuple[str, str], Figure],
) -> str:
    """The figures of the page: the means, then ROC-AUC and average precision on each table."""
    most = max(max(each.seeds) for each in measured)
    seeds = (
        f"{most} widely spaced seeds where an algorithm is seeded, or {FEWER} on tables of more than "
        f"{MANY_ROWS:,} rows where *seeds* says {FEWER} to {most}."
        if most > 1
        else "one seed (`python benchmarks/accuracy.py --full --write` takes five, and longer)."
    )
    absent = left_out({each.spec.name for each in measured})
    explained = (
        f"Mean ROC-AUC and average precision (AP) over {len(names)} labelled tables, fitted with defaults on "
        f"all rows without labels; {seeds} *Library here*: the mean ROC-AUC of the class people would "
        "otherwise use, on the same tables. *Published*: the mean over those of the tables that a paper or "
        "project reports, and ours on exactly these; settings differ (papers often resample the rows first)."
    )
    parts = [explained, summary(measured, baselines, published)]
    if absent:
        parts.append(absent)
    for title, pick in (("ROC-AUC on each table", 0), ("Average precision on each table", 1)):
        rows = [f"| {title} | {' | '.join(names)} |", "| --- |" + " ---: |" * len(names)]
        rows += [
            f"| {each.spec.name} | " + " | ".join(f"{each.tables[name][pick]:.3f}" for name in names) + " |"
            for each in measured
        ]
        parts.append("\n".join(rows))
    return "\n\n".join(parts)


def left_out(measured: Collection[str]) -> str:
    """Which algorithms are not among those measured; empty where all are."""
    absent = [spec.name for spec in registry.all() if spec.name not in measured]
    return f"{NOT_MEASURED}{', '.join(absent)} (they score series, or were not measured)." if absent else ""


def renewed(
    figures: str,
    measured: Sequence[Measured],
    names: Sequence[str],
    baselines: dict[tuple[str, str], Figure],
    published: dict[tuple[str, str], Figure],
) -> str:
    """The section's text with the rows of the algorithms that were measured anew, the means best first."""
    if not measured:
        return figures
    paragraphs = [each for each in figures.split("\n\n") if not each.startswith(NOT_MEASURED)]
    places = {each.splitlines()[0]: at for at, each in enumerate(paragraphs)}
    for new in table_section(measured, names, baselines, published).split("\n\n"):
        if not new.startswith("|"):
            continue
        at = places[new.splitlines()[0]]
        rows = {line.split("|")[1].strip(): line for line in paragraphs[at].splitlines()}
        for line in new.splitlines()[2:]:
            rows[line.split("|")[1].strip()] = line
        head, rule, *body = rows.values()
        means = new == summary(measured, baselines, published)
        body.sort(key=(lambda line: -float(line.split("|")[3])) if means else (lambda line: line))
        paragraphs[at] = "\n".join((head, rule, *body))
        if means and (absent := left_out(rows)):
            paragraphs[at] += f"\n\n{absent}"
    return "\n\n".join(paragraphs)


def kept_figures(begin: str = BEGIN, end: str = END) -> str:
    """What the page has between the marks."""
    old = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    kept = old.partition(begin)[2].partition(end)[0].strip()
    return kept or "Not measured yet."


def write_page(figures: str) -> None:
    """Write docs/algorithms.md with these figures."""
    head = (
        "# Algorithms\n\n"
        "This page is made by `python benchmarks/accuracy.py --write`: the descriptions from the registry "
        "that `GET /api/v1/algorithms` answers from, the figures by measuring. What a score means, "
        "whatever the algorithm, is told in [scores.md](scores.md).\n\n"
        f"## Accuracy\n\n{BEGIN}\n\n{figures}\n\n{END}\n\n"
        "### On time series\n\n"
        "`python benchmarks/series.py --seeds 2 --write` measures on ten labelled files of the Numenta "
        "Anomaly Benchmark (score of its standard profile, one threshold for all files) and four "
        "experiments of SKAB (F1 with the labels' contamination; *normal rows first* by its own protocol). "
        "What others have published for the same ten files is in brackets; what to know before comparing is "
        "told in [time series](time-series.md#accuracy).\n\n"
        f"{SERIES_BEGIN}\n\n{kept_figures(SERIES_BEGIN, SERIES_END)}\n\n{SERIES_END}\n\n"
        "## Explanations\n\n"
        "Per cent of planted rows whose planted feature has the largest contribution, of rows fitted on / of "
        "rows unseen (`python benchmarks/explanations.py --write`): 500 rows of 20 columns unless said, the "
        "planted value 8 standard deviations above or below its column's mean, all else ordinary; 240 rows a "
        "figure, 48 for what trains networks (`--cases 4`). Below 95: `hbos` where columns are skewed, "
        "because of what its score sees ([scores.md](scores.md#explanations) tells why); `deep_svdd`, which "
        "learns planted rows as normal ones; and among 60 log-normal columns, in each row of which something "
        "is far out, the forests, which hardly ever split far below the mean, and `abod`.\n\n"
        f"{EXPLAINED_BEGIN}\n\n{kept_figures(EXPLAINED_BEGIN, EXPLAINED_END)}\n\n{EXPLAINED_END}\n\n"
        "## What each finds\n"
    )
    PAGE.write_text(head + "".join(f"\n{described(spec)}" for spec in registry.all()), encoding="utf-8")


def described(spec: AlgorithmSpec) -> str:
    """One algorithm in Markdown: what it finds, what it costs, its parameters and where it comes from."""
    named = f"`{spec.name}`"
    if spec.aliases:
        named += " (also " + ", ".join(f"`{alias}`" for alias in spec.aliases) + ")"
    needs = f" Needs the extra `{spec.extra}`." if spec.extra else ""
    text = (
        f"### {spec.title}\n\n{named}. {spec.description} Cost {spec.cost}: {spec.complexity}. Learns from "
        f"{spec.min_rows} rows on; {', '.join(spec.capabilities)}.{needs} Source: {spec.reference}.\n"
    )
    rules: dict[str, dict[str, Any]] = spec.parameters["properties"]
    if rules:
        text += "\n" + "".join(
            f"- `{name}` ({allowed(rule)}; default {spelt(rule['default'])}): {rule['description']}\n"
            for name, rule in rules.items()
        )
    return text


def allowed(rule: dict[str, Any]) -> str:
    """What a parameter may be, in words."""
    if "enum" in rule:
        return " or ".join(spelt(option) for option in rule["enum"])
    if rule["type"] not in ("integer", "number"):
        return {"boolean": "true or false", "array": "a list of names", "string": "a name"}[rule["type"]]
    low = f"above {rule['exclusiveMinimum']}" if "exclusiveMinimum" in rule else f"{rule['minimum']}"
    return f"{rule['type']}, {low} to {rule['maximum']}"


def spelt(value: Any) -> str:
    """A value as JSON spells it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ", ".join(spelt(each) for each in value)
    return f"`{value}`"


def _number(text: str) -> float:
    return float(text) if text else float("nan")


if __name__ == "__main__":
    main()
