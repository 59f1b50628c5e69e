"""Finds SQL statements that are not held to one tenant. Run by `make lint`.

Every table that has a `tenant_id` belongs to tenants, row by row. A statement on such a table must say whose
rows it means, in the same expression: `.where(Table.tenant_id == …)`, `of_tenant(Table, …)`, or for an insert
`.values(tenant_id=…)`. What works for all tenants on purpose is listed in `tenant_scope.toml`, each with its
reason; an entry that nothing needs any more is a fault, too.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PACKAGE: Final = ROOT / "server" / "src" / "pynomaly_server"
EXCEPTIONS: Final = Path(__file__).with_suffix(".toml")
STATEMENTS: Final = frozenset({"select", "update", "delete", "insert"})
SCOPE: Final = "tenant_id"
_LEFT_OUT: Final = ("contract/", "db/migrations/")


@dataclass(frozen=True, slots=True)
class Unscoped:
    """A statement that says no tenant: where it is, and the tables it is about."""

    module: str
    function: str
    line: int
    tables: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"server/src/pynomaly_server/{self.module}:{self.line}: {self.function} reads or changes "
            f"{', '.join(self.tables)} without a tenant. Add `.where(….tenant_id == tenant_id)`, or list "
            f'"{self.module}::{self.function}" in requirements/tenant_scope.toml with the reason.'
        )


def tenants_tables(source: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """Classes of tables with a `tenant_id`, and those without one."""
    owned, others = set(), []
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and node.name.endswith("Row"):
            columns = {each.target.id for each in node.body if isinstance(each, ast.AnnAssign)}  # type: ignore[union-attr]
            if SCOPE in columns:
                owned.add(node.name)
            else:
                others.append(node.name)
    return frozenset(owned), tuple(others)


def unscoped(module: str, source: str, tables: frozenset[str]) -> Iterator[Unscoped]:
    """The statements of a module that say no tenant."""
    tree = ast.parse(source)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    known = tables | _aliases(tree, tables)
    for node in ast.walk(tree):
        if not _begins_statement(node):
            continue
        whole = _chain(node, parents)
        names = {each.id for each in ast.walk(whole) if isinstance(each, ast.Name)}
        if names & known and not any(_says_tenant(each) for each in ast.walk(whole)):
            yield Unscoped(module, _function(node, parents), node.lineno, tuple(sorted(names & known)))


def _begins_statement(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in STATEMENTS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "sa"
    )


def _aliases(tree: ast.AST, tables: frozenset[str]) -> frozenset[str]:
    """Names that stand for a table: `candidate = aliased(JobRow)`."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            called = node.value.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            of = {each.id for each in ast.walk(node.value) if isinstance(each, ast.Name)}
            if name == "aliased" and of & tables:
                found.update(target.id for target in node.targets if isinstance(target, ast.Name))
    return frozenset(found)


def _chain(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> ast.AST:
    """The whole of `sa.select(…).where(…).limit(…)`, from its first call."""
    while True:
        parent = parents.get(node)
        called = parents.get(parent) if isinstance(parent, ast.Attribute) else None
        if not isinstance(called, ast.Call) or called.func is not parent:
            return node
        node = called


def _says_tenant(node: ast.AST) -> bool:
    if isinstance(node, ast.keyword):
        return node.arg == SCOPE
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq):
        sides = (node.left, node.comparators[0])
        columns = [_is_column(side) for side in sides]
        # Two columns join tables; a column and a value name a tenant.
        return any(columns) and not all(columns) and not any(_is_tenants_id(side) for side in sides)
    return False


def _is_column(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and node.attr == SCOPE
        and isinstance(node.value, ast.Name)
        and node.value.id[0].isupper()
    )


def _is_tenants_id(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) == ("TenantRow", "id")
    )


def _function(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> str:
    names = []
    while (node := parents.get(node)) is not None:  # type: ignore[assignment]
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.append(node.name)
    return ".".join(reversed(names)) or "module"


def faults(package: Path, exceptions: dict[str, str]) -> list[str]:
    """Everything wrong in `package`, in words.

    `exceptions` are reasons by `module::function`, by `module`, or by the class of a table without tenant.
    """
    sources = [path.read_text() for path in sorted((package / "db" / "tables").glob("*.py"))]
    tables, without = tenants_tables("\n".join(sources))
    needed: set[str] = set()
    found = []
    for table in without:
        if table in exceptions:
            needed.add(table)
        else:
            found.append(
                f"The table {table} has no tenant_id. Add one, or list {table!r} in "
                "requirements/tenant_scope.toml with the reason."
            )
    for path in sorted(package.rglob("*.py")):
        module = path.relative_to(package).as_posix()
        if module.startswith(_LEFT_OUT):
            continue
        for each in unscoped(module, path.read_text(), tables):
            listed = {f"{each.module}::{each.function}", each.module} & set(exceptions)
            needed |= listed
            if not listed:
                found.append(str(each))
    found += [
        f"requirements/tenant_scope.toml lists {name!r}, which nothing needs. Remove it."
        for name in exceptions
        if name not in needed
    ]
    return found


def main() -> int:
    """Print what is wrong; the exit status says whether anything is."""
    found = faults(PACKAGE, tomllib.loads(EXCEPTIONS.read_text())["exceptions"])
    for fault in found:
        print(fault)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
