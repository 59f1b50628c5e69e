"""The algorithms that the fake server has by name. It scores with the rules of `pynomaly.local` whichever is
asked for; only their names and bounds are those of a real server."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from pynomaly._generated.models import Algorithm, AlgorithmList
from pynomaly.testing.problems import Refusal

DEFAULT = "isolation_forest"


@dataclass(frozen=True, slots=True)
class Known:
    """One algorithm.

    Attributes:
        name: Its name.
        title: Its name for people.
        aliases: Other names that are taken.
        min_rows: Fewest rows it learns from.
        cost: `low`, `medium` or `high`.
        ordered: Whether it looks at time series as a whole, so that there is no model of it.
    """

    name: str
    title: str
    aliases: tuple[str, ...] = ()
    min_rows: int = 3
    cost: str = "low"
    ordered: bool = False

    def described(self) -> Algorithm:
        """As a server describes it."""
        return Algorithm(
            name=self.name,
            title=self.title,
            description="The fake server scores with the rules of pynomaly.local in its place.",
            reference="https://pynomaly.dev/algorithms",
            aliases=list(self.aliases),
            parameters={"type": "object", "properties": {}},
            capabilities=[],
            cost=self.cost,
            complexity="O(n)",
            min_rows=self.min_rows,
            available=True,
        )


ALGORITHMS = (
    Known("abod", "Angle-based outlier detection", ("angle_based", "fast_abod"), cost="high"),
    Known("auto", "Automatic choice", cost="medium"),
    Known("autoencoder", "Autoencoder", ("ae", "auto_encoder"), cost="high"),
    Known("cblof", "Cluster-based local outlier factor", ("cluster_based",)),
    Known("copod", "COPOD"),
    Known("deep_svdd", "Deep support vector data description", ("svdd", "deepsvdd"), cost="high"),
    Known("ecod", "ECOD"),
    Known("ensemble", "Ensemble", cost="medium"),
    Known("extended_isolation_forest", "Extended isolation forest", ("eif", "extended_iforest")),
    Known("gmm", "Gaussian mixture", ("gaussian_mixture",)),
    Known("hbos", "Histogram-based outlier score", ("histogram",)),
    Known("inne", "iNNE", ("isolation_nne",)),
    Known("iqr", "Interquartile range", ("interquartile_range", "tukey", "box_plot")),
    Known("isolation_forest", "Isolation forest", ("iforest", "if")),
    Known("kde", "Kernel density", ("kernel_density", "parzen"), cost="medium"),
    Known("knn", "k nearest neighbours", ("k_nearest_neighbors", "nearest_neighbors"), cost="medium"),
    Known("local_outlier_factor", "Local outlier factor", ("lof",), cost="medium"),
    Known("loda", "LODA"),
    Known("lstm_autoencoder", "LSTM autoencoder", ("lstm", "lstm_ae"), 10, "high", ordered=True),
    Known("mad", "Median absolute deviation", ("median_absolute_deviation",)),
    Known("matrix_profile", "Matrix profile", ("discord", "stomp"), 12, "high", ordered=True),
    Known(
        "mcd",
        "Minimum covariance determinant",
        ("minimum_covariance_determinant", "elliptic_envelope", "robust_covariance"),
        cost="medium",
    ),
    Known("modified_z_score", "Modified z-score", ("modified_zscore", "robust_z_score", "robust_zscore")),
    Known("one_class_svm", "One-class support vector machine", ("ocsvm", "svm"), cost="medium"),
    Known("pca", "Principal components", ("principal_components", "principal_component_analysis")),
    Known("series_ensemble", "Series ensemble", min_rows=12, ordered=True),
    Known("spectral_residual", "Spectral residual", ("sr",), 12, ordered=True),
    Known("variational_autoencoder", "Variational autoencoder", ("vae",), cost="high"),
    Known("z_score", "Z-score", ("zscore", "standard_score")),
)

_BY_SPELLING = {spelling: each for each in ALGORITHMS for spelling in (each.name, *each.aliases)}


def listed() -> AlgorithmList:
    """Every algorithm, by name."""
    return AlgorithmList(items=[each.described() for each in ALGORITHMS], next_cursor=None)


def find(name: str, code: str = "validation") -> Known:
    """One algorithm by name or alias.

    Raises:
        Refusal: `code`; there is none of that name.
    """
    known = _BY_SPELLING.get(name.lower())
    if known is None:
        near = difflib.get_close_matches(name.lower(), _BY_SPELLING, 1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        names = ", ".join(each.name for each in ALGORITHMS)
        detail = f"There is no algorithm {name!r}.{hint} The algorithms are {names}."
        raise Refusal(code, detail, [("/algorithm", detail)] if code == "validation" else ())
    return known
