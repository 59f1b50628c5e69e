"""How different two counts over the same cells are.

The population stability index (Lewis, 1994; Siddiqi, *Credit Risk Scorecards*, 2006) is
`sum((a - e) * ln(a / e))` over the cells, with the shares `a` of the rows scored and `e` of the training
rows: Jeffreys' divergence (1946). Here a share is `(count + 1/2) / (n + k/2)` among `k` cells, so that an
empty cell makes no infinity. Where both are drawn from one distribution, it is distributed as chi-squared
with `k - 1` degrees of freedom times `1/n + 1/m` (Yurdakul, *Statistical Properties of Population Stability
Index*, 2018).

The Kolmogorov-Smirnov statistic (Smirnov, 1948) is the largest distance between the two shares of values up
to an edge. Over all values it is larger by no more than the share that the largest bin has of either side,
which the bins make about 1/50 of the training rows; by chance it exceeds `1.358 * sqrt(1/n + 1/m)` once in
20 times.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import chdtri

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pynomaly_server.models.drift.cells import Cells, Counts

GROUPS: Final = 10
"""Bins of numbers are compared in so many groups of about as many training rows each."""
MODERATE: Final = 0.1
LARGE: Final = 0.25
"""Siddiqi's rule: below 0.1 little has changed, above 0.25 so much that the model wants a look."""
LEAST_ROWS: Final = 200
"""Of fewer rows the index is large by chance."""
_CHANCE: Final = 0.05
_SMIRNOV: Final = 1.358


@dataclass(frozen=True, slots=True)
class Shift:
    """How far one column has moved; None where there is nothing to compare.

    `psi_by_chance` and `ks_by_chance` are exceeded once in 20 times where nothing has changed.
    """

    psi: float
    psi_by_chance: float
    ks: float | None
    ks_by_chance: float | None

    @property
    def verdict(self) -> str:
        """`stable`, `moderate` or `large`."""
        if self.psi < MODERATE or self.psi <= self.psi_by_chance:
            return "stable"
        return "large" if self.psi >= LARGE else "moderate"


def shift(cells: Cells, counts: Counts) -> Shift:
    """How far these counts are from those of the training."""
    trained = np.array(cells.trained, np.int64)
    categorical = cells.form == "category"
    groups = np.arange(trained.size) if categorical else _groups(trained)
    before, after = _grouped(trained, groups), _grouped(counts, groups)
    scale = 1 / max(int(trained.sum()), 1) + 1 / max(int(counts.sum()), 1)
    chance = float(chdtri(max(before.size - 1, 1), _CHANCE)) * scale
    if categorical:
        return Shift(psi(before, after), chance, None, None)
    present = int(trained[:-1].sum()), int(counts[:-1].sum())
    if not all(present):
        return Shift(psi(before, after), chance, None, None)
    by_chance = _SMIRNOV * float(np.sqrt(1 / present[0] + 1 / present[1]))
    return Shift(psi(before, after), chance, ks(trained[:-1], counts[:-1]), by_chance)


def psi(before: Counts, after: Counts) -> float:
    """The population stability index of two counts over the same cells; 0 where the shares are the same."""
    expected, actual = _shares(before), _shares(after)
    return float(np.sum((actual - expected) * np.log(actual / expected)))


def ks(before: Counts, after: Counts) -> float:
    """The Kolmogorov-Smirnov statistic of two counts over the same ordered cells, in [0, 1]."""
    return float(np.max(np.abs(np.cumsum(before) / before.sum() - np.cumsum(after) / after.sum())))


def _shares(counts: Counts) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = (counts + 0.5) / (counts.sum() + 0.5 * counts.size)
    return shares


def _groups(trained: Counts) -> NDArray[np.int64]:
    """The group of each bin by the middle of its training rows in their order; missing values are one."""
    present = trained[:-1]
    middle = (np.cumsum(present) - present / 2) / max(int(present.sum()), 1)
    groups = np.minimum((middle * GROUPS).astype(np.int64), GROUPS - 1)
    # Without gaps: a group that no bin falls into is none.
    return np.append(np.unique(groups, return_inverse=True)[1], np.unique(groups).size)


def _grouped(counts: Counts, groups: NDArray[np.int64]) -> Counts:
    return np.bincount(groups, weights=counts).astype(np.int64)
