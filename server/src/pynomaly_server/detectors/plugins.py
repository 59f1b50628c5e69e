"""Algorithms of others: the class they derive from, how they are found, and what is held against each score.

An own algorithm derives from `BaseAnomalyDetector` and is found through an entry point of the group
`pynomaly.detectors` or handed to `register_algorithm`. From then on it is an algorithm like any other.
"""

from __future__ import annotations

import re
import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, TypeVar

import numpy as np

from pynomaly_server.detectors.base import (
    AlgorithmSpec,
    Detector,
    FittedDetector,
    FloatArray,
    as_matrix,
    random_state,
)
from pynomaly_server.detectors.errors import DetectorError, UnknownAlgorithm
from pynomaly_server.detectors.parameters import schema_of, validated

if TYPE_CHECKING:
    from collections.abc import Mapping

ENTRY_POINT_GROUP: Final = "pynomaly.detectors"

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_COSTS: Final = ("low", "medium", "high")
_PROBED_ROWS: Final = 8


class UnfitAlgorithm(DetectorError):  # noqa: N818 - named by what is wrong, as callers catch it
    """A class that was offered as an algorithm cannot be one; the message says why."""


class FaultyDetector(DetectorError):  # noqa: N818
    """An own algorithm broke a promise while it fitted or scored; the message names the promise."""

    def __init__(self, algorithm: str, fault: str) -> None:
        super().__init__(f"The algorithm {algorithm!r} {fault}", "/algorithm")
        self.algorithm = algorithm


class BaseAnomalyDetector(ABC):
    """Base of an own algorithm: constructed with its parameters, then `fit`, then `decision_function`.

    Class attributes describe it: `name` (small letters, digits and underscores; the only one that must be
    set), `title`, `description`, `reference` (ends in a year), `aliases`, `parameters` (see
    `detectors.parameters`; each becomes a keyword argument of the constructor), `seeded` (whether it uses
    randomness, to be drawn from `self.random_state` alone), `cost`, `complexity` and `min_rows`.
    """

    name: ClassVar[str] = ""
    title: ClassVar[str] = ""
    description: ClassVar[str] = ""
    reference: ClassVar[str] = ""
    aliases: ClassVar[tuple[str, ...]] = ()
    parameters: ClassVar[dict[str, Any]] = schema_of()
    seeded: ClassVar[bool] = False
    cost: ClassVar[Literal["low", "medium", "high"]] = "medium"
    complexity: ClassVar[str] = "O(unknown)"
    min_rows: ClassVar[int] = 3

    random_state: int = 0
    """A seed in [0, 2^32), set before `fit`."""

    @abstractmethod
    def fit(self, X: FloatArray) -> object:  # noqa: N803 - the field's name for a matrix of rows
        """Learn from finite rows X, float64 [n, d]; what is returned is not looked at."""

    @abstractmethod
    def decision_function(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """Raw scores, [n], of rows X, float64 [n, d]: finite, higher is more abnormal.

        A row's score must be bit for bit the same alone and in any batch. Sums along a row
        (`.sum(axis=1)`) hold that; matrix products (`@`) do not, they round by the shape of the batch.
        """

    def get_state(self) -> dict[str, Any]:
        """What `fit` has learnt, by name; all attributes of the instance unless overridden.

        A detector is kept if its state consists of arrays, numbers, texts, bytes, None, and tuples, lists
        and dicts of these. State of another kind goes in as bytes, in the form of the library it is from.
        """
        return dict(vars(self))

    def set_state(self, state: Mapping[str, Any]) -> None:
        """Take back what `get_state` gave."""
        vars(self).update(state)


@dataclass(frozen=True)
class FittedOwn(FittedDetector):
    """An own algorithm that has been fitted: its parameters and state, from which the instance is built."""

    algorithm: str
    parameters: dict[str, Any]
    state: dict[str, Any]
    training_scores: FloatArray
    n_features: int
    _instance: BaseAnomalyDetector = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        instance = _class_of(self.algorithm)(**self.parameters)
        instance.set_state(self.state)
        object.__setattr__(self, "_instance", instance)

    def score_raw(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """The scores of the own algorithm, float64 [n].

        Raises:
            FaultyDetector: they are not one finite number per row.
        """
        return _scores(self._instance, as_matrix(X))


@dataclass(frozen=True, slots=True)
class OwnDetector(Detector):
    """An own algorithm with its parameters set."""

    algorithm: str
    parameters: dict[str, Any]

    def fit(self, X: FloatArray, seed: int) -> FittedOwn:  # noqa: N803
        """Fit a fresh instance and hold it to the promises of every detector.

        Raises:
            FaultyDetector: it raised, its scores are not one finite number per row, or a row's score
            depends on the rows beside it.
        """
        rows = as_matrix(X)
        instance = _class_of(self.algorithm)(**self.parameters)
        instance.random_state = random_state(seed)
        try:
            # A copy: what an own algorithm does to its rows must not reach the caller's.
            instance.fit(rows.copy())
        except DetectorError:
            raise
        except Exception as error:
            raise FaultyDetector(self.algorithm, _raised("fitting", error)) from error
        scores = _scores(instance, rows)
        _require_inductive(instance, rows, scores)
        return FittedOwn(self.algorithm, self.parameters, instance.get_state(), scores, rows.shape[1])


_Own = TypeVar("_Own", bound=type[BaseAnomalyDetector])


class _OwnAlgorithms:
    """The classes registered so far; looks for installed ones once, when first asked."""

    def __init__(self) -> None:
        self._classes: dict[str, type[BaseAnomalyDetector]] = {}
        self._specs: dict[str, AlgorithmSpec] = {}
        self._searched = False
        # Reentrant: loading an entry point imports a module that may register what it defines.
        self._lock = threading.RLock()

    def add(self, cls: type[BaseAnomalyDetector]) -> None:
        with self._lock:
            spec = _spec_of(cls)
            if self._classes.get(spec.name) is cls:
                return
            self._require_free(spec, cls)
            self._classes[spec.name] = cls
            self._specs[spec.name] = spec

    def remove(self, name: str) -> None:
        with self._lock:
            self._classes.pop(name, None)
            self._specs.pop(name, None)

    def specs(self) -> tuple[AlgorithmSpec, ...]:
        self._search()
        return tuple(self._specs.values())

    def get(self, name: str) -> type[BaseAnomalyDetector] | None:
        self._search()
        return self._classes.get(name)

    def _search(self) -> None:
        if self._searched:
            return
        with self._lock:
            for point in entry_points(group=ENTRY_POINT_GROUP):
                try:
                    cls = point.load()
                except Exception as error:
                    raise UnfitAlgorithm(
                        f"The entry point {point.name!r} ({point.value}) of the group {ENTRY_POINT_GROUP!r} "
                        f"cannot be loaded ({type(error).__name__}: {error}). Correct its package, or "
                        "uninstall it."
                    ) from error
                self.add(cls)
            self._searched = True

    def _require_free(self, spec: AlgorithmSpec, cls: type) -> None:
        from pynomaly_server.detectors.registry import BUILT_IN

        taken = dict.fromkeys(BUILT_IN, "Pynomaly itself")
        for other in self._specs.values():
            owner = _qualified(self._classes[other.name])
            taken |= dict.fromkeys((other.name, *other.aliases), owner)
        for spelling in (spec.name, *spec.aliases):
            if spelling in taken:
                raise UnfitAlgorithm(
                    f"{_qualified(cls)} cannot be called {spelling!r}: that is an algorithm of "
                    f"{taken[spelling]}. Choose another name or alias."
                )


_own: Final = _OwnAlgorithms()


def register_algorithm(cls: _Own) -> _Own:
    """Offer an own algorithm; usable as a decorator, and harmless when repeated.

    Raises:
        UnfitAlgorithm: it does not derive from `BaseAnomalyDetector`, lacks a method, describes itself
        wrongly or takes a name that is taken.
    """
    _own.add(cls)
    return cls


def unregister_algorithm(name: str) -> None:
    """Take back an own algorithm by its name; nothing happens where there is none."""
    _own.remove(name)


def registered() -> tuple[AlgorithmSpec, ...]:
    """Every own algorithm, installed or registered.

    Raises:
        UnfitAlgorithm: an installed package offers an algorithm that cannot be one.
    """
    return _own.specs()


def _class_of(algorithm: str) -> type[BaseAnomalyDetector]:
    cls = _own.get(algorithm)
    if cls is None:
        known = [spec.name for spec in registered()]
        raise UnknownAlgorithm(algorithm, known, known)
    return cls


def _spec_of(cls: object) -> AlgorithmSpec:
    if not isinstance(cls, type) or not issubclass(cls, BaseAnomalyDetector):
        raise UnfitAlgorithm(f"{cls!r} is no algorithm: derive a class from BaseAnomalyDetector.")
    fault = _fault_of(cls)
    if fault is not None:
        raise UnfitAlgorithm(f"{_qualified(cls)} is no algorithm: {fault}")
    title = cls.title or cls.name.replace("_", " ").capitalize()
    return AlgorithmSpec(
        name=cls.name,
        title=title,
        description=cls.description or f"{title}, an algorithm of {cls.__module__.partition('.')[0]}.",
        reference=cls.reference or _qualified(cls),
        aliases=cls.aliases,
        parameters=cls.parameters,
        capabilities=("inductive", "seeded" if cls.seeded else "deterministic"),
        cost=cls.cost,
        complexity=cls.complexity,
        min_rows=cls.min_rows,
        make=lambda values: OwnDetector(cls.name, dict(values)),
    )


def _fault_of(cls: type[BaseAnomalyDetector]) -> str | None:
    missing = sorted(cls.__abstractmethods__)
    if missing:
        return f"it lacks {' and '.join(missing)}. Define what is missing."
    for name in (cls.name, *cls.aliases):
        if not _NAME.fullmatch(name):
            return (
                f"its name or alias {name!r} is not made of small letters, digits and underscores, starting "
                "with a letter. Set `name` to something like 'my_detector'."
            )
    if cls.cost not in _COSTS:
        return f"its cost {cls.cost!r} is none of {', '.join(_COSTS)}."
    if cls.min_rows < 1:
        return f"its min_rows, {cls.min_rows}, is below 1."
    try:
        defaults = {name: rule["default"] for name, rule in cls.parameters["properties"].items()}
        validated(cls.parameters, defaults)
    except (DetectorError, KeyError, TypeError) as error:
        return f"its parameters are no schema with valid defaults ({error}). Build it with `schema_of`."
    return None


def _scores(instance: BaseAnomalyDetector, rows: FloatArray) -> FloatArray:
    name = instance.name
    try:
        scores = np.asarray(instance.decision_function(rows.copy()))
    except DetectorError:
        raise
    except Exception as error:
        raise FaultyDetector(name, _raised("scoring", error)) from error
    if scores.shape != (rows.shape[0],):
        raise FaultyDetector(
            name,
            f"gave scores of shape {scores.shape} for {rows.shape[0]} rows. decision_function returns one "
            f"number per row, shape ({rows.shape[0]},).",
        )
    if scores.dtype.kind not in "fiub":
        raise FaultyDetector(name, f"gave scores of type {scores.dtype}. decision_function returns numbers.")
    as_floats = np.array(scores, dtype=np.float64)
    finite = np.isfinite(as_floats)
    if not finite.all():
        at = int(np.flatnonzero(~finite)[0])
        raise FaultyDetector(
            name,
            f"gave the score {as_floats[at]} to row {at}. Scores are finite: guard divisions and logarithms "
            "for constant columns and values far outside.",
        )
    return as_floats


def _require_inductive(instance: BaseAnomalyDetector, rows: FloatArray, scores: FloatArray) -> None:
    """Some rows again, each alone and all in reversed order: every score must be the one of before."""
    probed = np.unique(np.linspace(0, rows.shape[0] - 1, _PROBED_ROWS).astype(np.int64))
    together = _scores(instance, rows[probed[::-1]])[::-1]
    alone = np.array([_scores(instance, rows[at : at + 1])[0] for at in probed])
    for again, company in ((together, "among other rows"), (alone, "alone")):
        differ = np.flatnonzero(again != scores[probed])
        if differ.size:
            at = int(probed[differ[0]])
            raise FaultyDetector(
                instance.name,
                f"scored row {at} as {float(scores[at])!r} with all rows and as {float(again[differ[0]])!r} "
                f"{company}. A score must depend on the row alone: keep in `fit` what is learnt of the data, "
                "draw nothing at random in `decision_function`, and sum along rows instead of using matrix "
                "products, which round by the shape of the batch.",
            )


def _raised(doing: str, error: Exception) -> str:
    return f"raised {type(error).__name__} while {doing}: {error}. Correct the algorithm or its data."


def _qualified(cls: type) -> str:
    return f"{cls.__module__}.{cls.__qualname__}"
