"""Turns the model generator's module into ours: closed and open types, plain defaults, documented fields.

datamodel-code-generator says types well but knows one policy for unknown fields, documents fields inside
their constraints and names a type for every constrained item of an array. This step works on the syntax tree,
so what comes out is a function of the tree alone.
"""

from __future__ import annotations

import ast
import copy
import textwrap
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from codegen.operations import ContractError
from codegen.preparation import Side

if TYPE_CHECKING:
    from codegen.preparation import Prepared

WIDTH = 110
BASES = {False: "OpenModel", True: "ClosedModel"}


@dataclass(frozen=True, slots=True)
class Definitions:
    """Python source of a module's types, apart from its header.

    Attributes:
        imports: The import statements that the types may need.
        types: The types of the contract's schemas.
        parameters: The types that hold the parameters of operations.
        names: Every name that is defined in `types` and `parameters`.
    """

    imports: str
    types: str
    parameters: str
    names: frozenset[str]


class Rework:
    """Rewrites one generated module."""

    def __init__(self, prepared: Prepared, side: Side) -> None:
        self._prepared = prepared
        self._side = side
        self._documentation: list[str] = []

    def rewrite(self, tree: ast.Module) -> Definitions:
        """Return the source of the reworked types; formatting is left to the formatter."""
        aliases = {
            name: value for node in tree.body if (name := _alias_name(node)) and (value := _alias_value(node))
        }
        known = set(self._prepared.schemas) - self._prepared.unnamed
        helpers = {name: value for name, value in aliases.items() if name not in known}
        inline = _Inline(helpers, frozenset(known))
        imports: list[ast.stmt] = []
        types: list[ast.stmt] = []
        parameters: list[ast.stmt] = []
        named: dict[str, ast.expr] = {}
        classes: set[str] = set()
        for node in tree.body:
            alias = _alias_name(node)
            if isinstance(node, ast.ImportFrom) and node.module == "__future__":
                continue
            if isinstance(node, ast.Import | ast.ImportFrom):
                imports.append(node)
            elif isinstance(node, ast.ClassDef):
                classes.add(node.name)
                section = parameters if node.name in self._prepared.parameters else types
                section.append(self._rewrite_class(inline.visit(node)))
            elif alias in aliases and alias not in helpers:
                named[alias] = inline.visit(aliases[alias])
        # Classes name types as text and may stand in any order; an alias needs what it names before it.
        for alias in _in_order(named):
            types.append(ast.AnnAssign(ast.Name(alias), ast.Name("TypeAlias"), named[alias], simple=1))
            self._document(types, self._prepared.documentation.get(alias, ""))
        return Definitions(
            self._print(imports), self._print(types), self._print(parameters), frozenset(classes | set(named))
        )

    def _rewrite_class(self, node: ast.ClassDef) -> ast.ClassDef:
        closed = node.name in self._prepared.closed
        fields = self._prepared.field_documentation.get(node.name, {})
        body: list[ast.stmt] = []
        self._document(body, self._prepared.documentation.get(node.name, ""))
        for statement in node.body:
            if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
                continue
            if self._side is Side.SERVER:
                _plain_default(statement, closed=closed)
                statement.annotation = _AwareTimes().visit(statement.annotation)
            body.append(statement)
            self._document(body, fields.get(_wire_name(statement), ""))
        node.body = body or [ast.Pass()]
        if self._side is Side.SDK:
            node.bases = [ast.Name(BASES[closed])]
        elif closed:
            node.keywords += [
                ast.keyword("forbid_unknown_fields", ast.Constant(value=True)),
                ast.keyword("omit_defaults", ast.Constant(value=True)),
            ]
        return node

    def _document(self, body: list[ast.stmt], text: str) -> None:
        """Put a mark where documentation goes: the tree cannot say how a string is quoted."""
        if text:
            body.append(ast.Expr(ast.Name(f"documentation_{len(self._documentation)}_")))
            self._documentation.append(text)

    def _print(self, statements: list[ast.stmt]) -> str:
        lines: list[str] = []
        tree = ast.fix_missing_locations(ast.Module(statements, type_ignores=[]))
        for line in ast.unparse(tree).splitlines():
            mark = line.strip()
            if mark.startswith("documentation_") and mark.endswith("_"):
                text = self._documentation[int(mark.split("_")[1])]
                lines.append(docstring(text, indent=len(line) - len(mark)))
                if mark == line:
                    lines.append("")
            else:
                lines.append(line)
        return "\n".join(lines) + "\n"


class _Inline(ast.NodeTransformer):
    """Writes types that have no name in the contract where they are used, and quoted names without quotes."""

    def __init__(self, helpers: dict[str, ast.expr], names: frozenset[str]) -> None:
        self._helpers = helpers
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in self._helpers:
            return self._visited(self._helpers[node.id])
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, str) and (node.value in self._helpers or node.value in self._names):
            return self._visited(ast.Name(node.value))
        return node

    def _visited(self, node: ast.expr) -> ast.expr:
        visited: ast.expr = self.visit(copy.deepcopy(node))
        return visited

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        # The values of an enum are not names, even where they look like one.
        return node if _is_name(node.value, "Literal") else self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        # Neither are patterns, defaults and names on the wire.
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        node.annotation = self.visit(node.annotation)
        return node


class _AwareTimes(ast.NodeTransformer):
    """Gives every time of day and date-time its zone: RFC 3339 has no times without one."""

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id == "datetime":
            return ast.parse("Annotated[datetime, Meta(tz=True)]", mode="eval").body
        return node


def docstring(text: str, *, indent: int) -> str:
    """Lay a description out as a docstring, its lines wrapped and indented."""
    margin = " " * indent
    escaped = text.strip().replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if escaped.endswith('"'):
        escaped = f'{escaped[:-1]}\\"'
    # A blank line in the contract starts a paragraph; other line breaks are where the YAML was wrapped.
    paragraphs = [" ".join(paragraph.split()) for paragraph in escaped.split("\n\n")]
    if len(paragraphs) == 1 and len(paragraphs[0]) + indent + 6 <= WIDTH:
        return f'{margin}"""{paragraphs[0]}"""'
    wrapped = [line for paragraph in paragraphs for line in (*_wrap(paragraph, WIDTH - indent), "")]
    lines = [wrapped[0], *(f"{margin}{line}".rstrip() for line in wrapped[1:-1])]
    return f'{margin}"""' + "\n".join(lines) + f'\n{margin}"""'


def _wrap(paragraph: str, width: int) -> list[str]:
    return textwrap.wrap(paragraph, width, break_long_words=False, break_on_hyphens=False)


def _alias_name(node: ast.stmt) -> str | None:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return None


def _alias_value(node: ast.stmt) -> ast.expr | None:
    """The type behind `X: TypeAlias = type` and behind `X = TypeAliasType("X", type)`."""
    value = node.value if isinstance(node, ast.AnnAssign | ast.Assign) else None
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "TypeAliasType":
        return value.args[1]
    return value


def _in_order(aliases: dict[str, ast.expr]) -> list[str]:
    """Sort aliases so that each stands after those it names.

    Raises:
        ContractError: one contains itself.
    """
    needs = {
        name: {node.id for node in ast.walk(value) if isinstance(node, ast.Name) and node.id in aliases}
        for name, value in sorted(aliases.items())
    }
    try:
        return list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        raise ContractError(
            f"{' -> '.join(error.args[1])}: contain themselves without an object in between; "
            "make one of them an object."
        ) from error


def _wire_name(field: ast.AnnAssign) -> str:
    """The name of a field in JSON: what `field(name=...)` or `Field(alias=...)` says, else its own."""
    for node in ast.walk(field):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"field", "Field"}
        ):
            for keyword in node.keywords:
                if keyword.arg in {"name", "alias"} and isinstance(keyword.value, ast.Constant):
                    return str(keyword.value.value)
    assert isinstance(field.target, ast.Name)
    return field.target.id


def _plain_default(field: ast.AnnAssign, *, closed: bool) -> None:
    """Say what a field holds that was not given, in the one way that keeps null and absence apart.

    A field with a default holds it. A response that may be null is null. A request's field that may not be
    null is None, and yet null is refused (`Omissible`). Where both mean something, absence is UNSET.
    """
    members = _union_members(field.annotation)
    rest = [member for member in members if not _is_name(member, "UnsetType")]
    if len(rest) == len(members):
        return
    admits_null = any(isinstance(member, ast.Constant) and member.value is None for member in rest)
    annotation = rest[0]
    for member in rest[1:]:
        annotation = ast.BinOp(annotation, ast.BitOr(), member)
    if _default_is_unset(field):
        if closed == admits_null:
            return
        _set_default(field, ast.Constant(value=None))
        if closed:
            annotation = ast.Subscript(ast.Name("Omissible"), annotation)
    field.annotation = annotation


def _union_members(annotation: ast.expr) -> list[ast.expr]:
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        return [*_union_members(annotation.left), *_union_members(annotation.right)]
    return [annotation]


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _default_keyword(field: ast.AnnAssign) -> ast.keyword | None:
    if isinstance(field.value, ast.Call):
        return next((keyword for keyword in field.value.keywords if keyword.arg == "default"), None)
    return None


def _default_is_unset(field: ast.AnnAssign) -> bool:
    keyword = _default_keyword(field)
    value = keyword.value if keyword else field.value
    return value is not None and _is_name(value, "UNSET")


def _set_default(field: ast.AnnAssign, value: ast.expr) -> None:
    keyword = _default_keyword(field)
    if keyword:
        keyword.value = value
    else:
        field.value = value
