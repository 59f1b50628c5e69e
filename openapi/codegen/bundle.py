"""Many files in, one document out: what is referred to is hoisted to `#/components` under its own name."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from codegen.grammar import SECTIONS, SHAPES, join_pointer, lookup, split_pointer
from codegen.yaml12 import load_yaml

if TYPE_CHECKING:
    from pathlib import Path


class BundleError(ValueError):
    """The files of the contract do not fit together; the message names the file and the pointer."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object is written: a file and a JSON pointer in it."""

    file: Path
    pointer: str
    folder: Path

    def __str__(self) -> str:
        return f"{self.file_name}{self.pointer}"

    @property
    def file_name(self) -> str:
        """The file as seen from the contract's folder."""
        return os.path.relpath(self.file, self.folder)

    def below(self, *keys: str | int) -> Place:
        """The place of something in the object that stands here."""
        return replace(self, pointer=join_pointer(self.pointer, keys))


def bundle(root: Path) -> dict[str, Any]:
    """Read a contract of one or many YAML files into one OpenAPI document.

    A component is named by the last segment of the pointer that refers to it. Components are sorted by name;
    everything else keeps the order of the files.

    Raises:
        BundleError: a reference leads nowhere or out of the files, or two components claim one name.
        YamlError: a file cannot be read.
    """
    return _Bundler(root.resolve()).document()


class _Bundler:
    def __init__(self, root: Path) -> None:
        self._root = Place(root, "#", root.parent)
        self._files: dict[Path, Any] = {}
        self._components: dict[str, dict[str, Any]] = {}
        self._places: dict[tuple[str, str], Place] = {}

    def document(self) -> dict[str, Any]:
        source = self._load(self._root, self._root)
        if not isinstance(source, dict):
            raise BundleError(
                f"{self._root.file_name}: the root of the contract must be a mapping with `openapi:` in it."
            )
        for section, kind in ((section, kind) for kind, section in SECTIONS.items()):
            for name in (source.get("components") or {}).get(section) or {}:
                self._hoist(kind, self._root.below("components", section, name))
        bundled = {
            key: value if key == "components" else self._copy_member("document", key, value, self._root)
            for key, value in source.items()
        }
        components = {
            key: value
            for key, value in (source.get("components") or {}).items()
            if key not in SECTIONS.values()
        }
        for section in SECTIONS.values():
            if section in self._components:
                components[section] = dict(sorted(self._components[section].items()))
        bundled["components"] = components
        self._refuse_circles(bundled)
        return bundled

    def _refuse_circles(self, bundled: dict[str, Any]) -> None:
        """Refuse components that are nothing but references to each other."""
        for (kind, name), place in self._places.items():
            seen: set[str] = set()
            component = bundled["components"][SECTIONS[kind]][name]
            while isinstance(component, dict) and "$ref" in component:
                if component["$ref"] in seen:
                    raise BundleError(
                        f"{place}: leads in a circle; let one of the references name the thing itself."
                    )
                seen.add(component["$ref"])
                component = lookup(bundled, component["$ref"])

    def _load(self, target: Place, wanted_by: Place) -> Any:
        if target.file not in self._files:
            if not target.file.is_file():
                raise BundleError(
                    f"{wanted_by}: refers to {target.file_name}, which does not exist; mend the `$ref`."
                )
            self._files[target.file] = load_yaml(target.file)
        return self._files[target.file]

    def _copy(self, kind: str, value: Any, place: Place) -> Any:
        """Copy an object of a known kind; its references come out pointing into `#/components`."""
        if not isinstance(value, dict):
            return value
        if "$ref" in value:
            return self._copy_reference(kind, value, place)
        return {key: self._copy_member(kind, key, below, place) for key, below in value.items()}

    def _copy_member(self, kind: str, key: str, value: Any, place: Place) -> Any:
        below = place.below(key)
        if kind == "schema" and key == "discriminator" and isinstance(value, dict):
            mapping = value.get("mapping") or {}
            return (
                {
                    **value,
                    "mapping": {
                        tag: self._refer("schema", self._target(ref, below)) for tag, ref in mapping.items()
                    },
                }
                if mapping
                else value
            )
        shape, child_kind = SHAPES[kind].get(key, ("leaf", ""))
        if shape == "one":
            return self._copy(child_kind, value, below)
        if shape == "list" and isinstance(value, list):
            return [self._copy(child_kind, item, below.below(index)) for index, item in enumerate(value)]
        if shape == "map" and isinstance(value, dict):
            return {name: self._copy(child_kind, item, below.below(name)) for name, item in value.items()}
        return value

    def _copy_reference(self, kind: str, value: dict[str, Any], place: Place) -> dict[str, Any]:
        target = self._target(value["$ref"], place)
        siblings = {
            key: self._copy_member(kind, key, below, place) for key, below in value.items() if key != "$ref"
        }
        if kind not in SECTIONS:
            written = self._copy(kind, self._at(target, place), target)
            return {**written, **siblings}
        return {"$ref": self._refer(kind, target), **siblings}

    def _target(self, reference: Any, place: Place) -> Place:
        if not isinstance(reference, str) or "#" not in reference:
            raise BundleError(f"{place}: `$ref` must be `file.yaml#/Name` or `#/Name`, but is {reference!r}.")
        name, _, pointer = reference.partition("#")
        if "://" in name:
            raise BundleError(
                f"{place}: refers to {reference}; copy it into the contract's folder, nothing is fetched."
            )
        file = (place.file.parent / name).resolve() if name else place.file
        target = replace(place, file=file, pointer=f"#{pointer}")
        self._at(target, place)
        return target

    def _at(self, target: Place, wanted_by: Place) -> Any:
        try:
            return lookup(self._load(target, wanted_by), target.pointer)
        except KeyError:
            raise BundleError(
                f"{wanted_by}: refers to {target.pointer} in {target.file_name}, "
                "where there is no such thing; mend the `$ref`."
            ) from None

    def _refer(self, kind: str, target: Place) -> str:
        """Make sure a component is in the bundle and return the reference to it."""
        self._hoist(kind, target)
        return join_pointer("#", ("components", SECTIONS[kind], split_pointer(target.pointer)[-1]))

    def _hoist(self, kind: str, target: Place) -> None:
        name = split_pointer(target.pointer)[-1]
        known = self._places.get((kind, name))
        if known == target:
            return
        if known is not None:
            raise BundleError(
                f"{target}: is called {name} like {known}; two components cannot share a name, rename one."
            )
        self._places[kind, name] = target
        section = self._components.setdefault(SECTIONS[kind], {})
        section[name] = None  # taken before its content is copied, so that a recursive schema ends
        section[name] = self._copy(kind, lookup(self._files[target.file], target.pointer), target)
