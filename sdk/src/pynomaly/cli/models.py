"""`pynomaly models`: what has been trained, its versions and the aliases that point at them."""

from __future__ import annotations

import argparse
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pynomaly.cli.arguments import add_command, add_group, add_limit, count
from pynomaly.cli.connect import connect
from pynomaly.cli.feedback import register as register_feedback
from pynomaly.cli.output import moment, note, print_facts, print_json, print_table, size, tell

if TYPE_CHECKING:
    from pynomaly._generated.models import ModelMetrics, ModelVersion
    from pynomaly.cli.arguments import Subparsers


def register(commands: Subparsers) -> None:
    """Add the command."""
    actions = add_group(commands, "models", "list trained models, and say which version is used")
    listed = add_command(actions, "list", _list, "list models, newest first")
    add_limit(listed, "models")
    versions = add_command(actions, "versions", _versions, "list the versions of a model, newest first")
    add_limit(versions, "versions")
    show = add_command(actions, "show", _show, "describe a version of a model")
    drift = add_command(actions, "drift", _drift, "say how far the rows of a model have moved since training")
    drift.add_argument(
        "--hours",
        type=count,
        default=24,
        metavar="N",
        help="hours to look at, with this one (default: 24)",
    )
    register_feedback(actions)
    alias = add_command(actions, "alias", _alias, "point an alias at a version")
    rollback = add_command(actions, "rollback", _rollback, "point an alias at the version before")
    unalias = add_command(actions, "unalias", _unalias, "delete an alias; the version stays")
    delete = add_command(actions, "delete", _delete, "delete a model, or one version of it")
    export = add_command(actions, "export", _export, "save a version as a signed file")
    imported = add_command(actions, "import", _import, "make a version of a signed file")
    for action in (show, drift, delete, export):
        action.add_argument("model", metavar="MODEL", help="name, name@version or name@alias")
    for action in (versions, alias, rollback, unalias):
        action.add_argument("model", metavar="MODEL", help="name of the model")
    for action in (alias, rollback, unalias):
        action.add_argument("alias", metavar="ALIAS", help="its name, for example production")
    export.add_argument("file", metavar="FILE", type=Path, help="where to, for example payments.pynomaly")
    imported.add_argument("file", metavar="FILE", type=Path, help="a file of `pynomaly models export`")
    imported.add_argument("--name", metavar="NAME", help="name of the model (default: the one it had)")
    alias.add_argument("version", type=count, metavar="VERSION", help="number of the version")
    alias.add_argument(
        "--threshold",
        type=_threshold,
        metavar="SCORE",
        help="least score of an anomaly (default: 0.5)",
    )


def _list(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        found = list(islice(client.models.list_models_iter(), arguments.limit))
    if arguments.json:
        print_json(found)
        return 0
    rows = [
        [
            model.name,
            model.latest_version,
            " ".join(f"{each.alias}={each.version}" for each in model.aliases) or None,
            moment(model.created_at),
            model.model_id,
        ]
        for model in found
    ]
    print_table(["model", "newest", "aliases", "made (UTC)", "id"], rows, keep=5)
    return 0


def _versions(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        found = list(islice(client.models.list_model_versions_iter(arguments.model), arguments.limit))
    if arguments.json:
        print_json(found)
        return 0
    rows = [
        [
            each.version,
            each.algorithm,
            each.n_rows,
            _figure(each.metrics, "roc_auc"),
            " ".join(each.aliases) or None,
            moment(each.created_at),
        ]
        for each in found
    ]
    print_table(["version", "algorithm", "rows", "ROC-AUC", "aliases", "made (UTC)"], rows, keep=6)
    return 0


def _show(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        version = client.models.use(arguments.model).describe()
    if arguments.json:
        print_json(version)
    else:
        describe_version(version)
    return 0


def _drift(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        drift = client.models.get_model_drift(arguments.model, hours=arguments.hours)
    if arguments.json:
        print_json(drift)
        return 0
    share = "" if drift.anomaly_share is None else f", {drift.anomaly_share:.1%} of them anomalous"
    print_facts(
        [
            ("model", f"{drift.name}@{drift.version}"),
            ("rows", f"{drift.n_rows:,} in the last {drift.hours:,} hours{share}"),
            ("errors", drift.n_errors or None),
            ("verdict", drift.verdict),
        ]
    )
    columns = [*drift.features, *([] if drift.scores is None else [drift.scores])]
    rows = [
        [each.name, each.type, each.missing, _rounded(each.psi), _rounded(each.ks), each.verdict]
        for each in columns
    ]
    print_table(["column", "type", "missing", "PSI", "KS", "verdict"], rows, keep=6)
    return 0


def _alias(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        model = client.models.use(f"{arguments.model}@{arguments.version}")
        alias = model.set_alias(arguments.alias, threshold=arguments.threshold)
    threshold = "" if alias.threshold is None else f", anomalous from {alias.threshold:g} on"
    return tell(arguments, alias, f"{arguments.model}@{alias.alias} is version {alias.version}{threshold}.")


def _rollback(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        alias = client.models.rollback_model_alias(arguments.model, arguments.alias)
    return tell(arguments, alias, f"{arguments.model}@{alias.alias} is version {alias.version}.")


def _unalias(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        client.models.delete_model_alias(arguments.model, arguments.alias)
    gone = f"{arguments.model}@{arguments.alias}"
    return tell(arguments, {"deleted": gone}, f"Deleted the alias {gone}.")


def _delete(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        client.models.use(arguments.model).delete()
    return tell(arguments, {"deleted": arguments.model}, f"Deleted {arguments.model}.")


def _export(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        path = client.models.package(arguments.model, arguments.file)
    n_bytes = path.stat().st_size
    stored = {"model": arguments.model, "file": str(path), "size_bytes": n_bytes}
    return tell(arguments, stored, f"{arguments.model} is in {path} ({size(n_bytes)}).")


def _import(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        version = client.models.load(arguments.file, arguments.name).describe()
    return tell(arguments, version, f"{arguments.file} is {version.name}@{version.version}.")


def _threshold(text: str) -> float:
    """Read the option `--threshold`."""
    try:
        score = float(text)
    except ValueError:
        score = 0.0
    if not 0.0 < score < 1.0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number in (0, 1)")
    return score


def describe_version(version: ModelVersion) -> None:
    """Print what a version is."""
    shown = ("roc_auc", "average_precision", "precision", "recall")
    figures = [f"{name} {figure}" for name in shown if (figure := _figure(version.metrics, name))]
    print_facts(
        [
            ("model", f"{version.name}@{version.version}"),
            ("algorithm", version.algorithm),
            ("trained on", f"{version.data.n_rows:,} rows"),
            ("features", ", ".join(version.feature_names)),
            ("metrics", ", ".join(figures) or None),
            ("aliases", ", ".join(version.aliases) or None),
            ("size", size(version.artefact.size_bytes)),
            ("made", f"{moment(version.created_at)} UTC"),
        ]
    )
    for warning in version.warnings:
        note(warning.detail)


def _figure(metrics: ModelMetrics | None, name: str) -> str | None:
    figure: Any = None if metrics is None else getattr(metrics, name)
    return _rounded(figure)


def _rounded(figure: float | None) -> str | None:
    return None if figure is None else f"{figure:.3f}"
