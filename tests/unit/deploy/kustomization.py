"""As much of `kustomize build` as our kustomizations use, for machines without it; all else is refused."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

_KNOWN = {
    "apiVersion",
    "kind",
    "namespace",
    "labels",
    "resources",
    "configMapGenerator",
    "secretGenerator",
    "images",
    "patches",
}
_CLUSTER_WIDE = {"Namespace"}

Resource = dict[str, Any]


def build(folder: Path) -> list[Resource]:
    """The resources of a kustomization. Names of generated ones stay without the hash that kustomize adds."""
    said = yaml.safe_load((folder / "kustomization.yaml").read_text())
    unknown = set(said) - _KNOWN
    assert not unknown, f"{folder}: {unknown} is not emulated"
    resources: list[Resource] = []
    for name in said.get("resources", []):
        path = (folder / name).resolve()
        found = build(path) if path.is_dir() else yaml.safe_load_all(path.read_text())
        resources += [resource for resource in found if resource]
    for kind, generators in (("ConfigMap", "configMapGenerator"), ("Secret", "secretGenerator")):
        for generator in said.get(generators, []):
            _generate(folder, kind, generator, resources)
    for patch in said.get("patches", []):
        _patch(patch, resources)
    for resource in resources:
        for image in said.get("images", []):
            _name_image(resource, image)
        for labels in said.get("labels", []):
            resource["metadata"].setdefault("labels", {}).update(labels["pairs"])
        if "namespace" in said and resource["kind"] not in _CLUSTER_WIDE:
            resource["metadata"]["namespace"] = said["namespace"]
    return resources


def _generate(folder: Path, kind: str, generator: dict[str, Any], resources: list[Resource]) -> None:
    data: dict[str, str] = {}
    for name in generator.get("files", []):
        key, _, file = name.rpartition("=")
        data[key or Path(file).name] = (folder / file).read_text()
    lines = [line for file in generator.get("envs", []) for line in (folder / file).read_text().splitlines()]
    for line in [*lines, *generator.get("literals", [])]:
        if line and not line.startswith("#"):
            data.update([line.split("=", 1)])
    if generator.get("behavior") == "merge":
        [merged] = [
            each
            for each in resources
            if (each["kind"], each["metadata"]["name"]) == (kind, generator["name"])
        ]
        merged["data"].update(data)
        return
    field = "stringData" if kind == "Secret" else "data"
    resources.append({"apiVersion": "v1", "kind": kind, "metadata": {"name": generator["name"]}, field: data})


def _patch(patch: dict[str, Any], resources: list[Resource]) -> None:
    target = patch["target"]
    aimed = [
        resource
        for resource in resources
        if re.fullmatch(target["kind"], resource["kind"])
        and re.fullmatch(target["name"], resource["metadata"]["name"])
    ]
    assert aimed, f"a patch meets nothing: {target}"
    for resource in aimed:
        for change in yaml.safe_load(patch["patch"]):
            _change(resource, **change)


def _change(resource: Any, op: str, path: str, value: Any = None) -> None:
    """One operation of a JSON patch (RFC 6902)."""
    *way, last = [step.replace("~1", "/").replace("~0", "~") for step in path.removeprefix("/").split("/")]
    for step in way:
        resource = resource[int(step) if isinstance(resource, list) else step]
    if last == "-":
        assert op == "add"
        resource.append(copy.deepcopy(value))
        return
    key: Any = int(last) if isinstance(resource, list) else last
    if op == "remove":
        del resource[key]
        return
    assert op == "add" or resource[key] is not None, f"{path} is not there"
    resource[key] = copy.deepcopy(value)


def _name_image(resource: Resource, image: dict[str, str]) -> None:
    for container in containers(resource):
        name, _, tag = container["image"].partition(":")
        if name == image["name"]:
            container["image"] = f"{image.get('newName', name)}:{image.get('newTag', tag)}"


def containers(resource: Resource) -> Iterable[Any]:
    """The containers of a workload; none of anything else."""
    return resource.get("spec", {}).get("template", {}).get("spec", {}).get("containers", [])
