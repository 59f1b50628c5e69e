"""What is in a package besides the model: the manifest, a card for people, and the configuration in YAML."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec

from pynomaly_server.contract.structs import ModelVersion
from pynomaly_server.models.packages.errors import PackageError
from pynomaly_server.models.packages.form import AGAIN, CARD, CONFIG, MODEL, Part

FORMAT: Final = 1
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
# YAML takes these in escapes alone, JSON's writer leaves them as they are.
_UNPRINTABLE: Final = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")


class PackedVersion(msgspec.Struct, frozen=True):
    """A version as the installation that trained it knows it."""

    model_id: str
    name: Annotated[str, msgspec.Meta(pattern="^[a-z0-9]([a-z0-9._-]{0,46}[a-z0-9])?$")]
    version: int
    algorithm: str
    contamination: float
    n_rows: int
    label_column: str | None
    metrics: dict[str, Any] | None
    details: dict[str, Any]
    job_id: str
    created_at: datetime


class Manifest(msgspec.Struct, frozen=True):
    """What is signed; `parts` are the members behind the signature by their names."""

    format: int
    model: PackedVersion
    parts: dict[str, Part]


def written(manifest: Manifest) -> bytes:
    """The one text of a manifest."""
    return json.dumps(
        msgspec.to_builtins(manifest), sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def read(text: bytes) -> Manifest:
    """The manifest that this text is; call it for one whose signature was verified.

    Raises:
        PackageError: it is of another format.
    """
    content = json.loads(text)
    said = content.get("format")
    if said != FORMAT:
        raise PackageError(
            f"The package has format {said}; this release reads format {FORMAT}. Import it at a release that "
            "knows its format, or package the model there with an older one."
        )
    try:
        manifest = msgspec.convert(content, Manifest)
    except msgspec.ValidationError as error:
        raise PackageError(
            f"The package does not fit this release ({error}). Import it at the release that made it, or "
            "train the model anew."
        ) from error
    if set(manifest.parts) != {CARD, CONFIG, MODEL}:
        raise PackageError(f"The package is damaged: its manifest names other members. {AGAIN}")
    return manifest


def config_of(version: ModelVersion) -> bytes:
    """A request of `trainModel` without its rows, in YAML; with the same rows it trains the same model."""
    request = {
        "name": version.name,
        "algorithm": version.algorithm,
        "parameters": dict(sorted(version.parameters.items())),
        "contamination": version.contamination,
        "random_state": version.random_state,
        "features": version.feature_names,
        "column_types": {column.name: column.type for column in version.columns},
    }
    if version.label_column is not None:
        request["label_column"] = version.label_column
    head = "# What this model was trained with: a request of trainModel, without its rows.\n"
    return (head + "".join(f"{line}\n" for line in _yaml(request))).encode()


def _yaml(value: Mapping[str, Any]) -> Iterator[str]:
    for name, item in value.items():
        if isinstance(item, Mapping) and item:
            yield f"{_key(name)}:"
            yield from (f"  {line}" for line in _yaml(item))
        elif isinstance(item, Sequence) and not isinstance(item, str) and item:
            yield f"{_key(name)}:"
            yield from (f"  - {_scalar(each)}" for each in item)
        else:
            yield f"{_key(name)}: {_scalar(item)}"


def _key(name: str) -> str:
    return name if _PLAIN.fullmatch(name) and name.lower() not in _WORDS else _scalar(name)


def _scalar(value: Any) -> str:
    """Any plain value as JSON, which YAML 1.2 takes as well."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def card_of(version: ModelVersion) -> bytes:
    """What the model is, for people, in Markdown."""
    lines = [
        f"# {version.name}, version {version.version}",
        "",
        (
            f"An anomaly detector ({version.algorithm}), trained on {version.data.n_rows:,} rows "
            f"({version.data.n_fitted_rows:,} of them fitted) on {version.created_at:%Y-%m-%d} (UTC). A row "
            "is predicted anomalous where its score is at least 0.5; of the rows that it was fitted on, "
            f"{version.contamination:.4g} are."
        ),
        "",
        "## Features",
        "",
        "| column | type | used | missing |",
        "| --- | --- | --- | --- |",
        *(
            f"| {_cell(each.name)} | {each.type} | {'yes' if each.used else 'no'} | {each.missing:,} |"
            for each in version.columns
        ),
        "",
        "## Metrics",
        "",
        *_metrics(version),
        "",
        "## Made of",
        "",
        f"- SHA-256 of the training data: `{version.data.sha256}`",
        f"- seed: {version.random_state}; threshold on the raw score: {version.threshold!r}",
        f"- libraries: {', '.join(f'{name} {each}' for name, each in sorted(version.libraries.items()))}",
    ]
    if version.warnings:
        lines += ["", "## To be known", "", *(f"- {_cell(warning.detail)}" for warning in version.warnings)]
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _metrics(version: ModelVersion) -> Iterator[str]:
    metrics = version.metrics
    if metrics is None:
        yield "The rows had no labels, so that nobody knows."
        return
    yield (
        f"Of the {metrics.n_labelled:,} labelled rows that it was fitted on, {metrics.n_anomalies:,} are "
        "anomalous; it has not seen the labels."
    )
    yield ""
    for name in ("roc_auc", "average_precision", "precision", "recall"):
        figure = getattr(metrics, name)
        yield f"- {name}: {'not defined' if figure is None else format(figure, '.4f')}"


def _cell(text: str) -> str:
    """Text in one line that ends no cell of a table and begins no markup."""
    return re.sub(r"([\\`*_{}\[\]<>#|])", r"\\\1", " ".join(text.split()))
